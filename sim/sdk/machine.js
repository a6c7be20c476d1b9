// The SDK binds machine.c by this syntax of its own (`@ "name"`), which no other tool parses.
function begin(module, chunk, heap, stack, onCall) @ "xs_lintel_machineBegin";
function now(ms) @ "xs_lintel_machineNow";
function event(listener, value, bytes) @ "xs_lintel_machineEvent";
function figures() @ "xs_lintel_machineFigures";

export const machine = Object.freeze({ begin, now, event, figures });
