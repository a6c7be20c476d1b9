/*
 * The firmware's bus when its world is another process: every call goes out and its answer comes back, events come when
 * the firmware is idle. All integers little-endian.
 *
 *   call   op u8, a i32, b i32, length u16, data          op 0: idle, the event is dealt with
 *   answer result i32, now u32 (ms), length u16, data     result -2^31: refused, data says why
 *   event  kind u8, a i32, now u32 (ms), length u16, data kind 0: the end
 *
 * Instructions spent in here are the world's, not the firmware's, and are taken off its count.
 */
#include "host.h"

extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

#define ROOM 8192
#define REFUSED INT32_MIN
#define MARK 9

static FILE* in;
static FILE* out; /* NULL in a replay */
static FILE* figures;
static uint8_t data[ROOM];
static unsigned length;
static uint32_t now;
static uint64_t foreign;

uint64_t hostInstructions(void)
{
#if defined(__riscv)
	uint32_t high, low, again;
	do {
		__asm__ volatile("rdinstreth %0" : "=r"(high));
		__asm__ volatile("rdinstret %0" : "=r"(low));
		__asm__ volatile("rdinstreth %0" : "=r"(again));
	} while (high != again);
	return (((uint64_t)high << 32) | low) - foreign;
#else
	return 0;
#endif
}

void pipeOpen(const char* replay, const char* figuresPath)
{
	in = replay ? fopen(replay, "rb") : stdin;
	out = replay ? NULL : stdout;
	if (figuresPath)
		figures = fopen(figuresPath, "w");
	if (!in) {
		fprintf(stderr, "cannot read %s\n", replay);
		exit(2);
	}
}

static uint32_t get32(const uint8_t* from)
{
	return from[0] | from[1] << 8 | from[2] << 16 | (uint32_t)from[3] << 24;
}

static void put32(uint8_t* to, uint32_t value)
{
	to[0] = value;
	to[1] = value >> 8;
	to[2] = value >> 16;
	to[3] = value >> 24;
}

/* The world is gone: so is the reader. */
static void ended(void)
{
	fflush(stdout);
	exit(0);
}

static void receive(uint8_t* header, unsigned size)
{
	if (fread(header, 1, size, in) != size)
		ended();
	length = header[size - 2] | header[size - 1] << 8;
	if (length > ROOM || fread(data, 1, length, in) != length)
		ended();
	now = get32(header + size - 6);
}

static void sendCall(uint8_t op, int32_t a, int32_t b, const void* bytes, unsigned count)
{
	uint8_t header[11];
	if (!out)
		return;
	header[0] = op;
	put32(header + 1, a);
	put32(header + 5, b);
	header[9] = count;
	header[10] = count >> 8;
	if (fwrite(header, 1, sizeof(header), out) != sizeof(header) || fwrite(bytes, 1, count, out) != count || fflush(out))
		ended();
}

/* call(op, a, b, buffer): with bit 7 of op set the answer's bytes fill the buffer, else its bytes go out. */
static void host_call(txMachine* the)
{
	uint64_t before = hostInstructions();
	uint8_t header[10];
	int op = (mxArgc > 0) ? fxToInteger(the, mxArgv(0)) : 0;
	int32_t a = (mxArgc > 1) ? fxToInteger(the, mxArgv(1)) : 0;
	int32_t b = (mxArgc > 2) ? fxToInteger(the, mxArgv(2)) : 0;
	int32_t result;
	void* bytes = NULL;
	txUnsigned count = 0;
	if (!in)
		mxUnknownError("no pipe");
	if (mxArgc > 3) {
		_xsmcGetBuffer(the, mxArgv(3), &bytes, &count, (op & 0x80) != 0);
		if (count > ROOM)
			mxRangeError("too long for the pipe");
	}
	if (figures)
		fprintf(figures, "c %d %d %.0f\n", op, (int)a, (double)before);
	if (op & 0x80)
		sendCall(op, a, (int32_t)count, NULL, 0);
	else
		sendCall(op, a, b, bytes, count);
	receive(header, sizeof(header));
	result = (int32_t)get32(header);
	if (result == REFUSED) {
		data[length < ROOM ? length : ROOM - 1] = 0;
		foreign += hostInstructions() - before;
		mxUnknownError("%s", (char*)data);
	}
	if (op & 0x80)
		memcpy(bytes, data, length < count ? length : count);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = result;
	foreign += hostInstructions() - before;
}

static void host_now(txMachine* the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = now;
	if (now <= INT32_MAX) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = (int32_t)now;
	}
}

/* The bytes of the event being dealt with, as text. */
static void host_eventText(txMachine* the)
{
	data[length < ROOM ? length : ROOM - 1] = 0;
	fxString(the, mxResult, (txString)data);
}

static void mark(txMachine* the, int label)
{
	uint64_t count = hostInstructions();
	figuresMark(the, figures ? figures : stderr, label, count);
	foreign += hostInstructions() - count;
}

/* Runs until the world ends; exceptions leave to the caller. */
void pipeRun(txMachine* the)
{
	for (;;) {
		uint64_t before = hostInstructions();
		uint8_t header[11];
		int kind;
		int32_t a;
		receive(header, sizeof(header));
		kind = header[0];
		a = (int32_t)get32(header + 1);
		if (kind == 0)
			ended();
		foreign += hostInstructions() - before;
		if (kind == MARK) {
			mark(the, a);
			sendCall(0, 0, 0, NULL, 0);
			continue;
		}
		if (figures) {
			before = hostInstructions();
			fprintf(figures, "e %d %d %.0f\n", kind, (int)a, (double)before);
			foreign += hostInstructions() - before;
		}
		fxBeginHost(the);
		mxPush(mxGlobal);
		fxGetID(the, fxFindName(the, "host"));
		mxDub();
		fxGetID(the, fxID(the, "onEvent"));
		fxCall(the);
		mxPushInteger(kind);
		mxPushInteger(a);
		fxRunCount(the, 2);
		mxPop();
		fxEndHost(the);
		before = hostInstructions();
		sendCall(0, 0, 0, NULL, 0);
		foreign += hostInstructions() - before;
	}
}

int pipeIsOpen(void)
{
	return in != NULL;
}

void pipeInstall(txMachine* the, txSlot* host)
{
	hostFunction(the, host, "call", host_call, 4);
	hostFunction(the, host, "now", host_now, 0);
	hostFunction(the, host, "eventText", host_eventText, 0);
}
