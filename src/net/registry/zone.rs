//! How far inside a network an address lies, and a resolver that leads nobody further in.
//!
//! A server on the internet may name any address: in a redirect, as a token server, as where a
//! bundle lies. If it could name an address that only the reviewer's machine reaches, the program
//! would become its hand inside (CWE-918, server-side request forgery). A name can lead there as
//! well as an address; so the names are looked up here, and what was looked up is what is used.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Where an address lies, the innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::net) enum Zone {
    /// This machine alone.
    Machine,
    /// The link: also the metadata service of a cloud, which gives out credentials.
    Link,
    /// A private network.
    Private,
    /// The internet.
    Public,
}

impl Zone {
    /// The zone of an address. One that carries an IPv4 address within it lies where that one
    /// lies: `::ffff:10.0.0.1` reaches 10.0.0.1.
    pub(in crate::net) fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::of_v4(ip),
            IpAddr::V6(ip) => embedded(ip).map_or_else(|| Self::of_v6(ip), Self::of_v4),
        }
    }

    fn of_v4(ip: Ipv4Addr) -> Self {
        let [first, second, third, _] = ip.octets();
        // RFC 6598 shared addresses, RFC 2544 benchmarks, RFC 6890 protocol assignments.
        let special = first == 100 && second & 0xc0 == 64
            || first == 198 && second & 0xfe == 18
            || (first, second, third) == (192, 0, 0);
        match () {
            () if ip.is_loopback() || first == 0 => Self::Machine,
            () if ip.is_link_local() || ip.is_broadcast() || ip.is_multicast() => Self::Link,
            () if ip.is_private() || special => Self::Private,
            () => Self::Public,
        }
    }

    fn of_v6(ip: Ipv6Addr) -> Self {
        // RFC 3879 deprecated fec0::/10; where it is still used it is private.
        let site_local = ip.segments()[0] & 0xffc0 == 0xfec0;
        match () {
            () if ip.is_loopback() || ip.is_unspecified() => Self::Machine,
            () if ip.is_unicast_link_local() || ip.is_multicast() => Self::Link,
            () if ip.is_unique_local() || site_local => Self::Private,
            () => Self::Public,
        }
    }

    /// The zone of the address that stands in `url`; none for a name that must be looked up.
    /// The parser of the URL has read decimal, octal, hexadecimal and short forms already.
    pub(in crate::net) fn of_url(url: &Url) -> Option<Self> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        if let Ok(ip) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Some(Self::of(ip));
        }
        // RFC 6761 §6.3: these names are this machine, whatever a server of names says.
        (host == "localhost" || host.ends_with(".localhost")).then_some(Self::Machine)
    }
}

/// The IPv4 address within an IPv6 one: mapped and compatible (RFC 4291 §2.5.5), NAT64 (RFC 6052
/// §2.1), the local prefix of NAT64 (RFC 8215 §4; with the lengths of RFC 6052 §2.2), SIIT's
/// `::ffff:0:0:0/96` (RFC 2765 §2.1), 6to4 (RFC 3056 §2).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let pieces = ip.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match pieces {
        // `::1` and `::` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(join(high, low)),
        [0x64, 0xff9b, 1, rest @ ..] => Some(local_nat64(rest)),
        _ => None,
    }
}

/// The IPv4 address within `64:ff9b:1::/48`, from the pieces after the prefix. Which of the lengths
/// of RFC 6052 §2.2 a network uses stands nowhere in the address, so the innermost reading counts.
fn local_nat64([p3, p4, p5, p6, p7]: [u16; 5]) -> Ipv4Addr {
    let bytes: Vec<u8> = [p3, p4, p5, p6, p7].iter().flat_map(|p| p.to_be_bytes()).collect();
    // The byte at bits 64 to 71 ("u") is skipped: it must be zero.
    let at = |places: [usize; 4]| {
        let [a, b, c, d] = places.map(|place| bytes.get(place).copied().unwrap_or(0));
        Ipv4Addr::new(a, b, c, d)
    };
    // Prefixes of 48, 56, 64 and 96 bits; of those after the first the prefix is `64:ff9b:1::`
    // with more bits of the network's own.
    let (by_48, by_56) = (at([0, 1, 3, 4]), at([1, 3, 4, 5]));
    let (by_64, by_96) = (at([3, 4, 5, 6]), at([6, 7, 8, 9]));
    let readings = [by_96, by_48, by_56, by_64];
    // A reading that begins with zeros has the padding of another one in it.
    let real = readings.into_iter().filter(|ip| ip.octets()[0] != 0);
    real.min_by_key(|ip| Zone::of_v4(*ip)).unwrap_or(Ipv4Addr::UNSPECIFIED)
}

/// Looks names up and keeps only the addresses that lie in `floor` or further out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    /// The innermost zone that may be reached.
    pub(super) floor: Zone,
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("its name leads into this machine or a private network, where nothing was fetched")]
struct Inward;

impl Guard {
    /// What may be used of `found`.
    ///
    /// # Errors
    /// When nothing may.
    fn filter(self, found: impl Iterator<Item = SocketAddr>) -> io::Result<Vec<SocketAddr>> {
        let mut any = false;
        let kept: Vec<_> = found
            .inspect(|_| any = true)
            .filter(|address| Zone::of(address.ip()) >= self.floor)
            .collect();
        if any && kept.is_empty() { Err(io::Error::other(Inward)) } else { Ok(kept) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            // Port 0 stands for the one of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept = guard.filter(found)?;
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_inner_address_is_known() {
        use Zone::{Link, Machine, Private, Public};
        for (host, zone) in [
            ("127.0.0.1", Some(Machine)),
            ("127.9.9.9", Some(Machine)),
            ("127.1", Some(Machine)),
            ("2130706433", Some(Machine)),
            ("0x7f000001", Some(Machine)),
            ("0x7f.1", Some(Machine)),
            ("0177.0.0.1", Some(Machine)),
            ("0", Some(Machine)),
            ("0.0.0.0", Some(Machine)),
            ("127.0.0.1.", Some(Machine)),
            ("localhost", Some(Machine)),
            ("LOCALHOST.", Some(Machine)),
            ("x.localhost", Some(Machine)),
            ("[::1]", Some(Machine)),
            ("[::]", Some(Machine)),
            ("[::ffff:127.0.0.1]", Some(Machine)),
            ("[::ffff:7f00:1]", Some(Machine)),
            ("[::127.0.0.1]", Some(Machine)),
            ("[64:ff9b::127.0.0.1]", Some(Machine)),
            ("[2002:7f00:1::]", Some(Machine)),
            ("169.254.169.254", Some(Link)),
            ("0xa9fea9fe", Some(Link)),
            ("[::ffff:169.254.169.254]", Some(Link)),
            ("[fe80::1]", Some(Link)),
            ("[ff02::1]", Some(Link)),
            ("224.0.0.1", Some(Link)),
            ("255.255.255.255", Some(Link)),
            ("10.0.0.1", Some(Private)),
            ("167772161", Some(Private)),
            ("172.16.0.1", Some(Private)),
            ("192.168.1.1", Some(Private)),
            ("100.64.0.1", Some(Private)),
            ("198.18.0.1", Some(Private)),
            ("192.0.0.1", Some(Private)),
            ("[fd00::1]", Some(Private)),
            ("[fec0::1]", Some(Private)),
            ("[fd00:ec2::254]", Some(Private)),
            ("[::ffff:10.0.0.1]", Some(Private)),
            ("[64:ff9b::a00:1]", Some(Private)),
            ("[::ffff:0:127.0.0.1]", Some(Machine)),
            ("[::ffff:0:8.8.8.8]", Some(Public)),
            ("[64:ff9b:1::127.0.0.1]", Some(Machine)),
            ("[64:ff9b:1::169.254.169.254]", Some(Link)),
            ("[64:ff9b:1:a9fe:a9:fe00::]", Some(Link)),
            ("[64:ff9b:1::8.8.8.8]", Some(Public)),
            ("[64:ff9b:1:abcd::10.0.0.1]", Some(Private)),
            ("8.8.8.8", Some(Public)),
            ("172.32.0.1", Some(Public)),
            ("100.128.0.1", Some(Public)),
            ("[2606:4700::1]", Some(Public)),
            ("[64:ff9b::808:808]", Some(Public)),
            ("ghcr.io", None),
            ("localhost.evil.example", None),
            ("10.0.0.1.nip.example", None),
        ] {
            let url = Url::parse(&format!("https://{host}/x")).unwrap();
            assert_eq!(Zone::of_url(&url), zone, "{host}");
        }
    }

    #[test]
    fn a_name_that_leads_further_in_leads_nowhere() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        for (floor, found, kept) in [
            (Zone::Public, &["8.8.8.8", "::1", "10.0.0.1"][..], Some(1)),
            (Zone::Public, &["10.0.0.1"], None),
            (Zone::Public, &["::ffff:127.0.0.1", "169.254.169.254"], None),
            (Zone::Private, &["10.0.0.1", "127.0.0.1"], Some(1)),
            (Zone::Private, &["169.254.169.254"], None),
            (Zone::Machine, &["127.0.0.1", "8.8.8.8"], Some(2)),
            (Zone::Public, &[], Some(0)),
        ] {
            let got = Guard { floor }.filter(found.iter().map(|ip| at(ip)));
            assert_eq!(got.as_ref().ok().map(Vec::len), kept, "{floor:?} {found:?}");
            assert!(got.is_ok() || got.unwrap_err().to_string().contains("private network"));
        }
    }

    #[tokio::test]
    async fn the_resolver_itself_refuses() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Guard { floor: Zone::Public }.resolve(name()).await.is_err());
        assert!(Guard { floor: Zone::Machine }.resolve(name()).await.is_ok());
    }
}
