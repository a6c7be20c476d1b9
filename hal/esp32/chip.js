// SPDX-License-Identifier: Apache-2.0

// The SDK binds the C files of this folder by this syntax of its own (`@ "name"`), which no other tool parses.
function milliseconds() @ "xs_lintel_milliseconds";
function restartCause() @ "xs_lintel_restartCause";
function setRestartReason(cause) @ "xs_lintel_setRestartReason";
function retained() @ "xs_lintel_retained";
function retain(value) @ "xs_lintel_retain";
function restart() @ "xs_lintel_restart";
function isS3() @ "xs_lintel_isS3";
function stall(ms) @ "xs_lintel_stall";
function figure(index) @ "xs_lintel_figure";
function feed() @ "xs_lintel_feed";
function seedRandom() @ "xs_lintel_seedRandom";
function random(into) @ "xs_lintel_chipRandom";
function reverseBits(bytes, length) @ "xs_lintel_reverseBits";
function sumBytes(bytes, from, to) @ "xs_lintel_sumBytes";
function deviceKey(into) @ "xs_lintel_deviceKey";
function collect() @ "xs_lintel_collect";
function imageIsHealthy() @ "xs_lintel_imageIsHealthy";
function radioOpened() @ "xs_lintel_radioOpened";
function radioReady() @ "xs_lintel_radioReady";
function radioPeer() @ "xs_lintel_radioPeer";
function radioConnected() @ "xs_lintel_radioConnected";
function radioGone() @ "xs_lintel_radioGone";
function radioAdvertising() @ "xs_lintel_radioAdvertising";
function radioDrop(handle) @ "xs_lintel_radioDrop";
function radioHasRoom() @ "xs_lintel_radioHasRoom";
function rssi(handle) @ "xs_lintel_rssi";
function wifiHasRoom() @ "xs_lintel_wifiHasRoom";
function wifiReason() @ "xs_lintel_wifiReason";
function isText(text) @ "xs_lintel_isText";
function relayOpen(pin, offLevel) @ "xs_lintel_relayOpen";
function relayHold(ms) @ "xs_lintel_relayHold";
function relayRelease() @ "xs_lintel_relayRelease";
function relayRead() @ "xs_lintel_relayRead";
// The SDK's own C function: the class around it drops the callback.
function notify(characteristic, value, callback) @ "xs_gattserverconnection_notify";

export const chip = Object.freeze({
	milliseconds,
	restartCause,
	setRestartReason,
	retained,
	retain,
	restart,
	isS3,
	stall,
	figure,
	feed,
	seedRandom,
	random,
	reverseBits,
	sumBytes,
	deviceKey,
	collect,
	imageIsHealthy,
	radioOpened,
	radioReady,
	radioPeer,
	radioConnected,
	radioGone,
	radioAdvertising,
	radioDrop,
	radioHasRoom,
	rssi,
	wifiHasRoom,
	wifiReason,
	isText,
	relayOpen,
	relayHold,
	relayRelease,
	relayRead,
	notify,
});
