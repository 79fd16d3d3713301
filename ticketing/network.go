package ticketing

import (
	"encoding/binary"
	"net/netip"
)

// Network is what one sender can choose their address from, as a number: an IPv4
// address, or the first 64 bits of an IPv6 one. The numbers of the former are
// those of ::/32, from where nobody calls but this machine, by ::1. That is 0, as
// is everybody whose address is not known.
type Network int64

// NetworkOf is that of an IP address.
func NetworkOf(address string) Network {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return 0
	}
	if ip = ip.Unmap(); ip.Is4() {
		number := ip.As4()
		return Network(binary.BigEndian.Uint32(number[:]))
	}
	number := ip.As16()
	return Network(binary.BigEndian.Uint64(number[:8]))
}

// networkInWords is an order's network as people write it; null where it is not known.
const networkInWords = `
	case when o.network between 1 and 4294967295 then host('0.0.0.0'::inet + o.network)
	     when o.network <> 0 then regexp_replace(lpad(to_hex(o.network), 16, '0'), '(.{4})(.{4})(.{4})(.{4})', '\1:\2:\3:\4::/64')::cidr::text end`
