//! Help for editors: the schema of flow files.

mod schema;
mod validator;
