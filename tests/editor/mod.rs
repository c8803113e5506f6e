//! Help for editors: the schema of flow files.

mod format;
mod schema;
mod validator;
