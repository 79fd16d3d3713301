// Package migrations holds the database schema as numbered SQL files in tern's format
// (`NNN_name.sql`, the way up above "---- create above / drop below ----", the way down
// under it). The numbers have no gaps: a new file takes the next one when it is merged.
package migrations

import "embed"

// FS is every migration, embedded so that the binary can bring any database up to itself.
//
//go:embed *.sql
var FS embed.FS
