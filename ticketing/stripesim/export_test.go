package stripesim

// Patterns are the endpoints the simulator has.
func Patterns() (all []string) {
	for _, e := range endpoints {
		if e.pattern != "/v1/" {
			all = append(all, e.pattern)
		}
	}
	return all
}

// OnSave calls fn after each snapshot.
func (c *Config) OnSave(fn func()) { c.saved = fn }
