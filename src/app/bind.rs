//! The listeners' sockets.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::StartError;
use crate::config::Setting;

/// A socket at `address`, which came from `setting`.
///
/// # Errors
/// When it cannot be had; names the setting to change.
pub(super) async fn bind(address: SocketAddr, setting: &Setting) -> Result<TcpListener, StartError> {
    bind_flag(address, setting.env).await
}

/// A socket at `address`, which can be changed with `name`.
///
/// # Errors
/// When it cannot be had.
pub(super) async fn bind_flag(address: SocketAddr, name: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AddrInUse => "another program listens there already".to_owned(),
            ErrorKind::PermissionDenied => "the system does not let us; ports below 1024 are reserved".to_owned(),
            ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
            _ => error.to_string(),
        };
        StartError::Outside(format!("cannot listen on {address}: {why}; choose another address with {name}"))
    })
}

/// The address in use, with the port that the system chose.
pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::Outside(format!("a listener has no address: {error}")))
}
