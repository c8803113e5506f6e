//! From a name to addresses that were checked. The client connects to what comes out of here and looks nothing up a second time, so
//! that a name cannot mean one thing when it is checked and another when it is used.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use super::address::{Reach, reach};

/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 32;

/// Where addresses of names come from: the system, or a stand-in in tests.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of `host`.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).take(ADDRESSES_MAX).collect())
    }
}

/// Why no address of a name is used although it has some.
#[derive(Debug, Error)]
#[error("none of its addresses may be connected to")]
pub(super) struct NotPublic;

/// The names' addresses, without those that may not be connected to.
pub(super) struct Checked {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) private: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, private) = (Arc::clone(&self.lookup), self.private);
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await?;
            let allowed: Vec<SocketAddr> =
                found.iter().filter(|address| may_connect(**address, private)).map(|address| (*address, 0).into()).collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether `address` may be connected to; `private` allows those of this machine and its network.
pub(super) fn may_connect(address: IpAddr, private: bool) -> bool {
    match reach(address) {
        Reach::Public => true,
        Reach::Private => private,
        Reach::Never => false,
    }
}
