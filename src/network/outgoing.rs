//! From where this machine's connections leave, and whom it asks for names.

use std::net::{IpAddr, UdpSocket};

/// An address of each family, if there is a route at all. Nothing is sent: connecting a datagram socket
/// only asks for the route, and the addresses asked for are reserved for documentation.
pub fn outgoing_addresses() -> Vec<IpAddr> {
    [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")]
        .into_iter()
        .filter_map(|(from, to)| {
            let socket = UdpSocket::bind(from).ok()?;
            socket.connect(to).ok()?;
            Some(socket.local_addr().ok()?.ip())
        })
        .collect()
}

/// The name servers of this machine, as its resolver is told them.
pub fn name_servers() -> Vec<String> {
    let told = fs_err::read_to_string("/etc/resolv.conf").unwrap_or_default();
    servers_in(&told)
}

fn servers_in(told: &str) -> Vec<String> {
    let server = |line: &str| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server).map(str::to_owned)
    };
    told.lines().filter_map(server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_as_the_resolver_reads_them() {
        let told =
            "# by hand\nsearch tinh.gov.vn\nnameserver 10.0.0.53\n  nameserver\tfd00::53 # two\nnameserver\n";
        assert_eq!(servers_in(told), ["10.0.0.53", "fd00::53"]);
    }
}
