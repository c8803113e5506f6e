//! Which addresses may be connected to. Flows and contacts have a say in where calls go, so that nothing may be reached that only
//! this machine or its network can see.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who can reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everybody.
    Public,
    /// This machine or its network. Allowed for trials only.
    Private,
    /// Nobody should: link-local, multicast, metadata of clouds, addresses inside addresses, and what stands for nothing.
    Never,
}

use Reach::{Never, Private};

/// IPv4 networks that are not public, the narrower ones first (IANA's registry of special-purpose addresses, and the metadata
/// services of the large clouds).
const V4: &[([u8; 4], u32, Reach)] = &[
    // Metadata of Azure and Alibaba Cloud; that of the others is link-local.
    ([168, 63, 129, 16], 32, Never),
    ([100, 100, 100, 200], 32, Never),
    ([0, 0, 0, 0], 8, Never),
    ([10, 0, 0, 0], 8, Private),
    ([100, 64, 0, 0], 10, Private),
    ([127, 0, 0, 0], 8, Private),
    ([169, 254, 0, 0], 16, Never),
    ([172, 16, 0, 0], 12, Private),
    ([192, 0, 0, 0], 24, Never),
    ([192, 0, 2, 0], 24, Never),
    ([192, 88, 99, 0], 24, Never),
    ([192, 168, 0, 0], 16, Private),
    ([198, 18, 0, 0], 15, Never),
    ([198, 51, 100, 0], 24, Never),
    ([203, 0, 113, 0], 24, Never),
    ([224, 0, 0, 0], 4, Never),
    ([240, 0, 0, 0], 4, Never),
];

/// IPv6 networks that are not public, the narrower ones first. What lies outside of `2000::/3` is not public either, which covers
/// mapped and compatible IPv4 addresses, NAT64, the discard prefix, link-local, site-local and multicast ones.
const V6: &[([u16; 8], u32, Reach)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Private),
    // Amazon's metadata.
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, Never),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Private),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Never),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Never),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Never),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Never),
];

/// Who can reach `address`.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let bits = address.to_bits();
    let within = |net: [u8; 4], length: u32| (bits ^ u32::from_be_bytes(net)) >> (32 - length) == 0;
    V4.iter().find(|(net, length, _)| within(*net, *length)).map_or(Reach::Public, |(_, _, reach)| *reach)
}

fn of_v6(address: Ipv6Addr) -> Reach {
    let bits = address.to_bits();
    let within = |net: [u16; 8], length: u32| (bits ^ Ipv6Addr::from(net).to_bits()) >> (128 - length) == 0;
    let listed = V6.iter().find(|(net, length, _)| within(*net, *length)).map(|(_, _, reach)| *reach);
    listed.unwrap_or(if within([0x2000, 0, 0, 0, 0, 0, 0, 0], 3) { Reach::Public } else { Never })
}
