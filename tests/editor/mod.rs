//! Help for editors: the schema of flow files.

mod definitions;
mod format;
mod schema;
mod validator;
