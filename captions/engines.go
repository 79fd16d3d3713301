package captions

import (
	"slices"
	"strings"

	"salon/captions/speech"
)

// Engines are what this server recognises speech with.
type Engines struct {
	Running []speech.Engine
	// Off is why a language has no captions although it has a model, in words
	// for people: one that cannot be used takes no other language along.
	Off map[string]string
	// Agents says that LiveKit agents in the rooms recognise speech instead, in
	// whatever language they know.
	Agents bool
}

// Base is a language without region and script: en of en-GB (RFC 5646,
// section 2.2.1). It is what models are of.
func Base(language string) string {
	base, _, _ := strings.Cut(language, "-")
	return strings.ToLower(base)
}

// Info is what recognises a language.
func (e Engines) Info(language string) (info speech.Info, known bool) {
	if e.Agents {
		return speech.Info{Engine: "agents"}, true
	}
	engine, known := e.For(language)
	if known {
		info = engine.Info()
	}
	return info, known
}

// For is the engine that knows a language. An engine is never given another.
func (e Engines) For(language string) (engine speech.Engine, known bool) {
	i := slices.IndexFunc(e.Running, func(one speech.Engine) bool { return slices.Contains(one.Info().Languages, Base(language)) })
	if i < 0 {
		return nil, false
	}
	return e.Running[i], true
}

// missing is the status of a room whose language nobody knows here.
func (e Engines) missing(language string) Status {
	if why := e.Off[Base(language)]; why != "" {
		return Status{State: "off", Language: language, Reason: why}
	}
	return Status{State: "no-model", Language: language, Install: "salon captions install " + Base(language)}
}
