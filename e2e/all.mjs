// Every journey, in one process: the short ones, then those that take their time.
import './short.mjs'
import './journeys/removed-knows-why.mjs'
import './journeys/host-panel-keyboard.mjs'
import './journeys/report-and-audit.mjs'
import './journeys/heir-takes-over.mjs'
import './journeys/music-mode.mjs'
import './journeys/socket-lost.mjs'
import './journeys/no-media.mjs'
