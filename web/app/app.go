// Package app embeds the browser app that Vite builds into dist. Without a
// build dist holds only .keep, so that the module compiles without Node; the
// web edge then says that the app was not built.
package app

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the built app: index.html and its hashed assets, rooted at dist.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only an invalid path can fail, and this one is a constant
	}
	return sub
}
