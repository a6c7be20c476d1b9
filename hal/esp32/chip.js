// The SDK binds chip.c and relay.c by this syntax of its own (`@ "name"`), which no other tool parses.
function milliseconds() @ "xs_lintel_milliseconds";
function restartCause() @ "xs_lintel_restartCause";
function note(cause) @ "xs_lintel_note";
function restart() @ "xs_lintel_restart";
function feed() @ "xs_lintel_feed";
function rssi() @ "xs_lintel_rssi";
function relayOpen(pin, offLevel) @ "xs_lintel_relayOpen";
function relayHold(ms) @ "xs_lintel_relayHold";
function relayRelease() @ "xs_lintel_relayRelease";
function relayRead() @ "xs_lintel_relayRead";

export const chip = Object.freeze({
	milliseconds,
	restartCause,
	note,
	restart,
	feed,
	rssi,
	relayOpen,
	relayHold,
	relayRelease,
	relayRead,
});
