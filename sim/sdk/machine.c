/*
 * The firmware's machine in the SDK's simulators: a second one beside the world's, in the same thread, with the memory of
 * a device. The world sends it events; it calls the world and waits. The other platform that speaks so is hal/xs/bus.c,
 * and the JavaScript of both ends is that of sim/engine.
 */
#include "xsAll.h"
#include "xs.h"
#include "mc.xs.h"

static txMachine* world;
static txMachine* firmware;
/* In the world: hears the firmware's calls. In the firmware: hears events. */
static xsSlot onCall, listener;
/* ms since the firmware's start, as the world has said last. */
static double now;
/* Bytes of the event that is dealt with. */
static void* body;
static txSize bodyLength;
static int depth;

/* What the stack is painted with, and how much of it in a row nobody has written to. */
#define PATTERN 0x5a
#define UNTOUCHED 1024

/* Declared in xsmc.h, which does not go with xs.h. */
extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

static txSlot* argument(xsMachine* the, int index)
{
	if (index >= xsToInteger(xsArgc))
		return NULL;
	return &xsArg(index);
}

/* Bytes of a buffer; NULL and 0 where there is none. */
static void* bytesOf(xsMachine* the, int index, txSize* length)
{
	txSlot* slot = argument(the, index);
	void* data = NULL;
	txUnsigned count = 0;
	if (slot && xsTypeOf(*slot) != xsUndefinedType)
		_xsmcGetBuffer(the, slot, &data, &count, 0);
	*length = (txSize)count;
	return data;
}

/* What the world answered: its number, its bytes (to free), or why it refused (to free). */
typedef struct {
	double number;
	void* bytes;
	txSize length;
	char* refusal;
} Answer;

static void ask(double* words, void* out, txSize outLength, Answer* answer)
{
	memset(answer, 0, sizeof(*answer));
	xsBeginHost(world);
	{
		xsVars(2);
		xsTry {
			xsVar(0) = xsArrayBuffer(out, outLength);
			xsVar(1) = xsCallFunction5(xsAccess(onCall), xsGlobal, xsNumber(words[0]), xsNumber(words[1]),
				xsNumber(words[2]), xsNumber(words[3]), xsVar(0));
			if (xsTypeOf(xsVar(1)) == xsReferenceType) {
				answer->length = xsGetArrayBufferLength(xsVar(1));
				answer->bytes = c_malloc(answer->length + 1);
				xsGetArrayBufferData(xsVar(1), 0, answer->bytes, answer->length);
				answer->number = answer->length;
			} else
				answer->number = xsToNumber(xsVar(1));
		}
		xsCatch {
			answer->refusal = strdup(xsToString(xsException));
		}
	}
	xsEndHost(world);
}

/* host.call(call, a, b, c, out, into) */
static void host_call(xsMachine* the)
{
	double words[4];
	Answer answer;
	void* bytes;
	txSize length, i;
	for (i = 0; i < 4; i++)
		words[i] = argument(the, i) ? xsToNumber(xsArg(i)) : 0;
	bytes = bytesOf(the, 4, &length);
	ask(words, bytes, length, &answer);
	if (answer.refusal) {
		char text[256];
		snprintf(text, sizeof(text), "%s", answer.refusal);
		c_free(answer.refusal);
		xsUnknownError("%s", text);
	}
	if (answer.bytes) {
		/* Only now: what the world did may have moved it. */
		bytes = bytesOf(the, 5, &length);
		memcpy(bytes, answer.bytes, answer.length < length ? answer.length : length);
		c_free(answer.bytes);
	}
	xsResult = xsNumber(answer.number);
}

static void host_now(xsMachine* the)
{
	xsResult = xsNumber(now);
}

static void host_take(xsMachine* the)
{
	txSize length;
	void* into = bytesOf(the, 0, &length);
	memcpy(into, body, length < bodyLength ? length : bodyLength);
}

static void host_collect(xsMachine* the)
{
	xsCollectGarbage();
}

static void host_listen(xsMachine* the)
{
	listener = xsArg(0);
	xsRemember(listener);
}

static void start(xsMachine* the, char* module, char** refusal)
{
	xsBeginHost(the);
	{
		xsVars(2);
		xsTry {
			xsVar(0) = xsNewObject();
			xsSet(xsGlobal, xsID_host, xsVar(0));
			xsVar(1) = xsNewHostFunction(host_call, 6);
			xsSet(xsVar(0), xsID_call, xsVar(1));
			xsVar(1) = xsNewHostFunction(host_now, 0);
			xsSet(xsVar(0), xsID_now, xsVar(1));
			xsVar(1) = xsNewHostFunction(host_take, 1);
			xsSet(xsVar(0), xsID_take, xsVar(1));
			xsVar(1) = xsNewHostFunction(host_collect, 0);
			xsSet(xsVar(0), xsID_collect, xsVar(1));
			xsVar(1) = xsNewHostFunction(host_listen, 1);
			xsSet(xsVar(0), xsID_listen, xsVar(1));
			xsAwaitImport(module, XS_IMPORT_NAMESPACE);
			xsCollectGarbage();
		}
		xsCatch {
			*refusal = strdup(xsToString(xsException));
		}
	}
	xsEndHost(the);
}

static void rethrow(xsMachine* the, char* text)
{
	char copy[256];
	snprintf(copy, sizeof(copy), "the firmware has ended: %s", text);
	c_free(text);
	xsUnknownError("%s", copy);
}

/* (module, chunk, heap, stack, onCall): a fresh machine, none of whose memory grows. */
void xs_lintel_machineBegin(xsMachine* the)
{
	txPreparation* preparation = xsPreparation();
	txCreation creation = preparation->creation;
	char module[128];
	char* refusal = NULL;
	if (depth)
		xsUnknownError("the firmware is at work");
	if (firmware)
		xsDeleteMachine(firmware);
	snprintf(module, sizeof(module), "%s", xsToString(xsArg(0)));
	creation.initialChunkSize = xsToInteger(xsArg(1));
	creation.incrementalChunkSize = 0;
	creation.initialHeapCount = xsToInteger(xsArg(2));
	creation.incrementalHeapCount = 0;
	creation.stackCount = xsToInteger(xsArg(3));
	creation.staticSize = 0;
#ifdef mxDebug
	/* The debugger has the world's machine: one that serves a single connection would keep this one waiting. */
	{
		char* port = getenv("XSBUG_PORT");
		char kept[16];
		snprintf(kept, sizeof(kept), "%s", port ? port : "5002");
#if mxWindows
		_putenv_s("XSBUG_PORT", "1");
#else
		setenv("XSBUG_PORT", "1", 1);
#endif
		firmware = fxPrepareMachine(&creation, preparation, "firmware", the->host, NULL);
#if mxWindows
		_putenv_s("XSBUG_PORT", kept);
#else
		setenv("XSBUG_PORT", kept, 1);
#endif
	}
#else
	firmware = fxPrepareMachine(&creation, preparation, "firmware", the->host, NULL);
#endif
	if (!firmware)
		xsUnknownError("no machine of that size");
	/* Where the SDK's fxAbort says why a machine has ended. */
	firmware->host = the->host;
	if (!world) {
		onCall = xsArg(4);
		xsRemember(onCall);
	} else
		onCall = xsArg(4);
	world = the;
	memset(firmware->stackBottom, PATTERN, (char*)(firmware->stack - 8) - (char*)firmware->stackBottom);
	depth++;
	start(firmware, module, &refusal);
	depth--;
	if (refusal)
		rethrow(the, refusal);
}

/* (ms) */
void xs_lintel_machineNow(xsMachine* the)
{
	now = xsToNumber(xsArg(0));
}

static void deliver(xsMachine* the, double id, double value, char** refusal)
{
	xsBeginHost(the);
	{
		xsTry {
			xsCallFunction3(xsAccess(listener), xsGlobal, xsNumber(id), xsNumber(value), xsInteger(bodyLength));
		}
		xsCatch {
			*refusal = strdup(xsToString(xsException));
		}
	}
	xsEndHost(the);
}

/* (listener, value, bytes) */
void xs_lintel_machineEvent(xsMachine* the)
{
	double id = xsToNumber(xsArg(0)), value = xsToNumber(xsArg(1));
	void* bytes = bytesOf(the, 2, &bodyLength);
	char* refusal = NULL;
	if (depth)
		xsUnknownError("the firmware is at work");
	body = c_malloc(bodyLength + 1);
	if (bodyLength)
		memcpy(body, bytes, bodyLength);
	depth++;
	deliver(firmware, id, value, &refusal);
	depth--;
	c_free(body);
	body = NULL;
	if (refusal)
		rethrow(the, refusal);
}

/* Slots of the stack that were ever used: from the top down to the first stretch that is as it was painted. */
static int stackPeak(void)
{
	txByte* top = (txByte*)firmware->stackTop;
	txByte* at = top;
	int untouched = 0;
	while (at > (txByte*)firmware->stackBottom && untouched < UNTOUCHED)
		untouched = *--at == PATTERN ? untouched + 1 : 0;
	return (int)((top - at - untouched) / sizeof(txSlot));
}

/* [slots in use, all, bytes of chunks in use, all, most slots of stack that were in use, all] */
void xs_lintel_machineFigures(xsMachine* the)
{
	double figures[6];
	int i;
	fxCollectGarbage(firmware);
	figures[0] = firmware->currentHeapCount;
	figures[1] = firmware->maximumHeapCount;
	figures[2] = firmware->currentChunksSize;
	figures[3] = firmware->maximumChunksSize;
	figures[4] = stackPeak();
	figures[5] = firmware->stackTop - firmware->stackBottom;
	xsResult = xsNewArray(0);
	for (i = 0; i < 6; i++)
		xsSetAt(xsResult, xsInteger(i), xsNumber(figures[i]));
}
