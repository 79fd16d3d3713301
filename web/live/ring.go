package live

// ringSize is how many of the latest entries a room keeps for those who fell
// behind or come back. Older ones are read from the database.
const ringSize = 512

// ring holds a room's latest entries, without gaps.
type ring struct{ lines []line }

func (r *ring) add(lines []line) {
	r.lines = append(r.lines, lines...)
	if len(r.lines) > 2*ringSize {
		r.lines = append(make([]line, 0, 2*ringSize), r.lines[len(r.lines)-ringSize:]...)
	}
}

// forget empties the ring: what it holds may no longer be shown.
func (r *ring) forget() { r.lines = nil }

// after is what the ring holds after a number; nothing if the next is missing.
func (r *ring) after(seq int64) []line {
	if len(r.lines) == 0 || seq+1 < r.lines[0].seq || seq+1 > r.lines[len(r.lines)-1].seq {
		return nil
	}
	return r.lines[seq+1-r.lines[0].seq:]
}
