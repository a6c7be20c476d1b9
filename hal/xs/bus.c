// SPDX-License-Identifier: Apache-2.0
/*
 * The firmware's platform in another process: a world at the other end of two pipes. The firmware calls and waits for the answer;
 * the world sends an event and waits until the firmware is idle. So only one of them runs at a time, and time is the world's.
 * sim/engine/wire.ts has the layouts. Both processors are little-endian.
 *
 * Instructions are counted where the firmware leaves and enters, so that the cost of the pipe is not counted.
 */
#include "host.h"
#include <fcntl.h>
#include <unistd.h>

extern void xs_lintel_reverseBits(txMachine* the);
extern void xs_lintel_sumBytes(txMachine* the);
extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

enum { ANSWER = 0, EVENT = 1, REFUSED = 2, FIGURES = 3, SAMPLE = 4, SQUEEZE = 5, RESET_PEAKS = 6 };
/* Numbers of calls that the engine makes by itself; the firmware's begin above them. */
enum { IDLE = 0, ENDED = 1, SPEND = 2, TOLD = 3 };

/* From the world. */
typedef struct {
	uint32_t kind;
	uint32_t length;
	double now; /* ms since the firmware's start */
	double id; /* an event's listener */
	double value;
} Word;

/* To the world. */
typedef struct {
	uint32_t call;
	uint32_t length;
	double a, b, c;
	double instructions; /* of the firmware, up to now */
} Call;

static int down = -1, up = -1;
static Word word;
/* Bytes of the present event, until the firmware takes them. */
static uint8_t body[64 * 1024];
static uint64_t own, since;
static int inside;
/* JavaScript's function that is called for each event. */
static txSlot listener;
/* Whether to collect garbage at every call and record the peak of memory in use. */
static int sampling;
static txSize mostSlots, mostChunks, mostBoth;

int busOpen(const char* downPath, const char* upPath)
{
	down = open(downPath, O_RDONLY);
	up = open(upPath, O_WRONLY);
	return down >= 0 && up >= 0;
}

int busIsOpen(void)
{
	return down >= 0;
}

static void stop(void)
{
	if (inside)
		own += hostInstructions() - since;
	inside = 0;
}

static void go(void)
{
	inside = 1;
	since = hostInstructions();
}

/* Ends the process, because the world has ended. */
static void gone(void)
{
	_Exit(0);
}

static void readAll(void* into, size_t size)
{
	char* at = into;
	while (size > 0) {
		ssize_t count = read(down, at, size);
		if (count <= 0)
			gone();
		at += count;
		size -= count;
	}
}

static void writeAll(const void* from, size_t size)
{
	const char* at = from;
	while (size > 0) {
		ssize_t count = write(up, at, size);
		if (count <= 0)
			gone();
		at += count;
		size -= count;
	}
}

static void say(uint32_t call, double a, double b, double c, const void* bytes, uint32_t length)
{
	Call out = { call, length, a, b, c, (double)own };
	writeAll(&out, sizeof(out));
	if (length)
		writeAll(bytes, length);
}

/* Reads what the world sends. Bytes that do not fit `into` are dropped; `word` keeps the whole length. */
static void hear(void* into, uint32_t size)
{
	uint32_t rest;
	readAll(&word, sizeof(word));
	rest = word.length;
	if (rest > size)
		rest = size;
	readAll(into, rest);
	for (rest = word.length - rest; rest > 0;) {
		char dropped[64];
		uint32_t some = rest < sizeof(dropped) ? rest : sizeof(dropped);
		readAll(dropped, some);
		rest -= some;
	}
}

static void sample(txMachine* the)
{
	txSize slots, chunks;
	if (!sampling)
		return;
	fxCollectGarbage(the);
	slots = the->currentHeapCount * sizeof(txSlot);
	chunks = the->currentChunksSize;
	if (mostSlots < slots)
		mostSlots = slots;
	if (mostChunks < chunks)
		mostChunks = chunks;
	if (mostBoth < slots + chunks)
		mostBoth = slots + chunks;
}

void busEnded(int status, const char* why)
{
	if (busIsOpen())
		say(ENDED, status, 0, 0, why, strlen(why));
}

/* Tells the world of native work that takes time on a device: its clock advances before the work is done. */
void busSpend(txMachine* the, const char* name)
{
	if (!busIsOpen() || !inside)
		return;
	stop();
	sample(the);
	say(SPEND, 0, 0, 0, name, strlen(name));
	hear(body, sizeof(body));
	go();
}

static txNumber numberOf(txMachine* the, int index)
{
	return mxArgc > index && mxArgv(index)->kind != XS_UNDEFINED_KIND ? fxToNumber(the, mxArgv(index)) : 0;
}

static void putNumber(txSlot* slot, txNumber value)
{
	txInteger integer = (txInteger)value;
	if ((txNumber)integer == value) {
		slot->kind = XS_INTEGER_KIND;
		slot->value.integer = integer;
	}
	else {
		slot->kind = XS_NUMBER_KIND;
		slot->value.number = value;
	}
}

static int isThere(txMachine* the, int index)
{
	return mxArgc > index && mxArgv(index)->kind == XS_REFERENCE_KIND;
}

static void buffers(txMachine* the, void** out, txUnsigned* outLength, void** into, txUnsigned* length)
{
	*out = NULL;
	*outLength = 0;
	if (mxArgc > 4 && (mxArgv(4)->kind == XS_STRING_KIND || mxArgv(4)->kind == XS_STRING_X_KIND)) {
		*out = mxArgv(4)->value.string;
		*outLength = strlen(mxArgv(4)->value.string);
	}
	else if (isThere(the, 4))
		_xsmcGetBuffer(the, mxArgv(4), out, outLength, 0);
	*into = body;
	*length = sizeof(body) - 1;
	if (isThere(the, 5))
		_xsmcGetBuffer(the, mxArgv(5), into, length, 1);
}

/* call(number, a, b, c, bytes or text out, bytes in): the answer's number. Throws where the world refused. */
static void host_call(txMachine* the)
{
	uint32_t call = (uint32_t)numberOf(the, 0);
	txNumber a = numberOf(the, 1), b = numberOf(the, 2), c = numberOf(the, 3);
	void *out, *data;
	txUnsigned outLength, length;
	if (!busIsOpen())
		mxTypeError("no bus");
	/* Throws before anything is sent, else the next call would get this answer. */
	buffers(the, &out, &outLength, &data, &length);
	stop();
	sample(the);
	/* Sampling collects garbage, which may move the buffers. */
	buffers(the, &out, &outLength, &data, &length);
	say(call, a, b, c, out, outLength);
	hear(data, length);
	if (word.kind == REFUSED) {
		char why[256];
		snprintf(why, sizeof(why), "%.*s", (int)(word.length < length ? word.length : length), (char*)data);
		go();
		mxUnknownError("%s", why);
	}
	putNumber(mxResult, word.value);
	go();
}

/* now(): ms since the firmware's start. */
static void host_now(txMachine* the)
{
	putNumber(mxResult, word.now);
}

/* take(bytes in): what came with the event. */
static void host_take(txMachine* the)
{
	void* data;
	txUnsigned length;
	if (!isThere(the, 0))
		mxTypeError("no buffer");
	_xsmcGetBuffer(the, mxArgv(0), &data, &length, 1);
	if (length > word.length)
		length = word.length;
	memcpy(data, body, length < sizeof(body) ? length : sizeof(body));
}

/* text(): what came with the event, as text. */
static void host_text(txMachine* the)
{
	body[word.length < sizeof(body) ? word.length : sizeof(body) - 1] = 0;
	fxCopyStringC(the, mxResult, (txString)body);
}

/* listen(function): called with (id, value, length of what came with it) for each event. */
static void host_listen(txMachine* the)
{
	if (!isThere(the, 0))
		mxTypeError("no function");
	listener.kind = mxArgv(0)->kind;
	listener.value = mxArgv(0)->value;
	fxRemember(the, &listener);
}

void busInstall(txMachine* the, txSlot* host)
{
	hostFunction(the, host, "call", host_call, 6);
	hostFunction(the, host, "now", host_now, 0);
	hostFunction(the, host, "take", host_take, 1);
	hostFunction(the, host, "text", host_text, 0);
	hostFunction(the, host, "listen", host_listen, 1);
	hostFunction(the, host, "reverseBits", xs_lintel_reverseBits, 2);
	hostFunction(the, host, "sumBytes", xs_lintel_sumBytes, 3);
}

/* Delivers one event. */
static void deliver(txMachine* the)
{
	fxBeginHost(the);
	mxTry(the) {
		mxPushUndefined();
		mxPushSlot(&listener);
		fxCall(the);
		mxPushUndefined();
		putNumber(the->stack, word.id);
		mxPushUndefined();
		putNumber(the->stack, word.value);
		mxPushUndefined();
		putNumber(the->stack, word.length);
		fxRunCount(the, 3);
		mxPop();
	}
	mxCatch(the) {
		hostReport(the);
	}
	fxEndHost(the);
	hostRunJobs(the);
}

static void tell(txMachine* the)
{
	static char text[4096];
	int length = snprintf(text, sizeof(text),
		"{\"slots\":%ld,\"chunks\":%ld,\"slotsReserved\":%ld,\"chunksReserved\":%ld,\"slotSize\":%d,"
		"\"peakSlots\":%ld,\"peakChunks\":%ld,"
		"\"mostSlots\":%ld,\"mostChunks\":%ld,\"mostBoth\":%ld,\"stack\":%ld,\"stackReserved\":%ld,\"calls\":",
		(long)(the->currentHeapCount * sizeof(txSlot)), (long)the->currentChunksSize,
		(long)(the->maximumHeapCount * sizeof(txSlot)), (long)the->maximumChunksSize, (int)sizeof(txSlot),
		(long)(the->peakHeapCount * sizeof(txSlot)), (long)the->peakChunksSize,
		(long)mostSlots, (long)mostChunks, (long)mostBoth, (long)figuresStackPeak(the),
		(long)((the->stackTop - the->stackBottom) * sizeof(txSlot)));
	length += cryptoFigures(text + length, sizeof(text) - length - 2);
	text[length++] = '}';
	say(TOLD, 0, 0, 0, text, length);
}

/* Occupies chunks until only `leave` bytes are left, for good. */
static void squeeze(txMachine* the, txSize leave)
{
	static txSlot hog;
	txSize size;
	fxCollectGarbage(the);
	size = the->maximumChunksSize - the->currentChunksSize - leave;
	if (size <= 0)
		return;
	fxBeginHost(the);
	hog.value.string = fxNewChunk(the, size);
	hog.value.string[0] = 0;
	hog.kind = XS_STRING_KIND;
	fxRemember(the, &hog);
	fxEndHost(the);
}

/* Runs until the world ends. */
void busRun(txMachine* the)
{
	stop();
	/* Importing the firmware is not counted: on a device the build does it. */
	own = 0;
	fxCollectGarbage(the);
	figuresResetPeaks(the);
	for (;;) {
		hear(body, sizeof(body));
		if (word.kind == EVENT) {
			go();
			deliver(the);
			stop();
			sample(the);
			say(IDLE, 0, 0, 0, NULL, 0);
		}
		else if (word.kind == FIGURES) {
			fxCollectGarbage(the);
			tell(the);
		}
		else if (word.kind == SAMPLE) {
			sampling = word.value != 0;
			say(TOLD, 0, 0, 0, NULL, 0);
		}
		else if (word.kind == RESET_PEAKS) {
			fxCollectGarbage(the);
			figuresResetPeaks(the);
			say(TOLD, 0, 0, 0, NULL, 0);
		}
		else if (word.kind == SQUEEZE) {
			squeeze(the, (txSize)word.value);
			say(TOLD, 0, 0, 0, NULL, 0);
		}
	}
}
