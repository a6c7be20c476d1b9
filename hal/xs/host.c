// SPDX-License-Identifier: Apache-2.0
/*
 * Lintel's host around XS: machines, the event loop, the end.
 *
 *   lintel-xs --map MAP [--preload MODULE]... [--device CHUNK,HEAP,STACK] [--stack SLOTS]
 *     [--firmware CHUNK,HEAP] [--bus DOWN,UP] MODULE [ARGUMENT...]
 *
 * Modules named by --preload are loaded first into a machine that is then frozen and shared, as the SDK's linker does
 * for what stays in flash (frozen.c, flash.c); the module runs in a clone of it. With --device that clone has the sizes
 * of the device (bytes of chunks, slots, slots of stack), none of which grows; with --stack the stack alone has a size of
 * the device's; with --firmware the clone is ample, and what the code of the preloaded modules has in it is bounded as on
 * a device (firmware-heap.c). Ample sizes otherwise.
 *
 * With --bus the module's world is another process, which reads and writes the two named pipes (bus.c).
 *
 * With no arguments at all they come from the file lintel.args, a line each (an emulated microcontroller has no command
 * line to speak of).
 *
 * Exit status: 0; 1 an uncaught exception; 64 + the engine's number when it aborts (1 out of memory, 2 out of stack).
 */
#include "host.h"
#if defined(__linux__)
	#include <time.h>
#endif

#define PRELOADS 256


void fxCreateMachinePlatform(txMachine* the)
{
	the->promiseJobs = 0;
}

void fxDeleteMachinePlatform(txMachine* the)
{
}

/* Set once the device's machine has its memory: a request for more is out of memory, as on the ESP32. */
static int sealed;

void* fxAllocateChunks(txMachine* the, txSize size)
{
	return sealed ? NULL : malloc(size);
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	free(chunks);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	return sealed ? NULL : malloc(count * sizeof(txSlot));
}

void fxFreeSlots(txMachine* the, void* slots)
{
	free(slots);
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

void fxAbort(txMachine* the, int status)
{
	static const char* const names[] = {
		"debugger", "memory full", "stack overflow", "fatal check", "dead strip", "unhandled exception",
		"no more keys", "too much computation", "unhandled rejection"
	};
	const char* name = (unsigned)status < sizeof(names) / sizeof(*names) ? names[status] : "unknown";
	if (busIsOpen())
		busEnded(64 + status, name);
	else
		fprintf(stderr, "XS abort: %s\n", name);
	fflush(stdout);
	exit(64 + status);
}

void hostFunction(txMachine* the, txSlot* host, const char* name, txCallback callback, int length)
{
	txID id = fxID(the, (txString)name);
	fxNewHostFunction(the, callback, length, id, XS_NO_ID);
	mxPushSlot(host);
	fxSetID(the, id);
	mxPop();
}

static void install(txMachine* the)
{
	txSlot* host;
	fxBeginHost(the);
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	host = the->stack;
	ioInstall(the, host);
	busInstall(the, host);
	alarmsInstall(the, host);
	figuresInstall(the, host);
	lintelCryptoInstall(the, host);
	mxPushSlot(host);
	mxPush(mxGlobal);
	fxSetID(the, fxID(the, "host"));
	mxPop();
	mxPushSlot(host);
	fxGetID(the, fxID(the, "trace"));
	mxPush(mxGlobal);
	fxSetID(the, fxID(the, "trace"));
	mxPop();
	fxEndHost(the);
}

void hostReport(txMachine* the)
{
	const char* volatile text = "(an exception that cannot be shown)";
	mxTry(the) {
		mxPush(mxException);
		mxException = mxUndefined;
		if (the->stack->kind == XS_REFERENCE_KIND) {
			mxDub();
			fxGetID(the, mxID(_stack));
			if (mxIsUndefined(the->stack))
				mxPop();
		}
		text = fxToString(the, the->stack);
	}
	mxCatch(the) {
	}
	if (busIsOpen())
		busEnded(1, text);
	else
		fprintf(stderr, "uncaught: %s\n", text);
	fflush(stdout);
	exit(1);
}

void hostRunJobs(txMachine* the)
{
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
}

static void imported(txMachine* the)
{
}

static void notImported(txMachine* the)
{
	mxException = *mxArgv(0);
	hostReport(the);
}

static void importModule(txMachine* the, const char* path)
{
	fxBeginHost(the);
	mxTry(the) {
		txSlot* realm = mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
		mxPushStringC((txString)path);
		fxRunImport(the, realm, XS_NO_ID);
		mxDub();
		fxGetID(the, mxID(_then));
		mxCall();
		fxNewHostFunction(the, imported, 1, XS_NO_ID, XS_NO_ID);
		fxNewHostFunction(the, notImported, 1, XS_NO_ID, XS_NO_ID);
		mxRunCount(2);
		mxPop();
	}
	mxCatch(the) {
		hostReport(the);
	}
	fxEndHost(the);
	hostRunJobs(the);
}

static void loop(txMachine* the)
{
	for (;;) {
		int64_t wait;
		hostRunJobs(the);
		wait = alarmsNext();
		if (wait < 0)
			break;
#if defined(__linux__)
		if (wait > 0) {
			struct timespec sleep = { wait / 1000000, (wait % 1000000) * 1000 };
			nanosleep(&sleep, NULL);
		}
#endif
		fxBeginHost(the);
		mxTry(the) {
			alarmsRun(the);
		}
		mxCatch(the) {
			hostReport(the);
		}
		fxEndHost(the);
	}
	fxCheckUnhandledRejections(the, 1);
}

#define ARGUMENTS 512

/* Reads arguments from lintel.args; returns their number. */
static int readArguments(char** arguments)
{
	static char line[PATH_MAX];
	int count = 1;
	FILE* file = fopen("lintel.args", "r");
	arguments[0] = "lintel-xs";
	if (!file)
		return count;
	while (count < ARGUMENTS && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = 0;
		arguments[count++] = strdup(line);
	}
	fclose(file);
	return count;
}

int main(int argc, char* argv[])
{
	txCreation ample = {
		.initialChunkSize = 8 * 1024 * 1024,
		.incrementalChunkSize = 4 * 1024 * 1024,
		.initialHeapCount = 256 * 1024,
		.incrementalHeapCount = 128 * 1024,
		.stackCount = 24 * 1024,
		.initialKeyCount = 4096,
		.incrementalKeyCount = 4096,
		.nameModulo = 1993,
		.symbolModulo = 127,
		.parserBufferSize = 64 * 1024,
		.parserTableModulo = 1993,
		.staticSize = 0,
	};
	const char* preloads[PRELOADS];
	int preloadCount = 0;
	int chunk = 0, heap = 0, stack = 0, firmwareChunk = 0, firmwareHeap = 0;
	char* listed[ARGUMENTS];
	txMachine* the;
	int i;
#if defined(__riscv)
	/* The ample machine holds what is in flash on a device, and the parser that is not there at all. */
	ample.initialChunkSize = 6 * 1024 * 1024;
	ample.initialHeapCount = 160 * 1024;
#endif
#if defined(__riscv)
	argc = 1;
#endif
	if (argc <= 1) {
		argc = readArguments(listed);
		argv = listed;
	}
	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (i + 1 >= argc)
			break;
		if (!strcmp(argv[i], "--map")) {
			if (!modulesReadMap(argv[i + 1])) {
				fprintf(stderr, "cannot read the map %s\n", argv[i + 1]);
				return 2;
			}
		}
		else if (!strcmp(argv[i], "--preload") && preloadCount < PRELOADS)
			preloads[preloadCount++] = argv[i + 1];
		else if (!strcmp(argv[i], "--bus")) {
			char* comma = strchr(argv[i + 1], ',');
			if (!comma) {
				fprintf(stderr, "--bus DOWN,UP\n");
				return 2;
			}
			*comma = 0;
			if (!busOpen(argv[i + 1], comma + 1)) {
				fprintf(stderr, "cannot open the pipes %s and %s\n", argv[i + 1], comma + 1);
				return 2;
			}
		}
		else if (!strcmp(argv[i], "--device")) {
			if (sscanf(argv[i + 1], "%d,%d,%d", &chunk, &heap, &stack) != 3) {
				fprintf(stderr, "--device CHUNK,HEAP,STACK\n");
				return 2;
			}
		}
		else if (!strcmp(argv[i], "--stack"))
			stack = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--firmware")) {
			if (sscanf(argv[i + 1], "%d,%d", &firmwareChunk, &firmwareHeap) != 2) {
				fprintf(stderr, "--firmware CHUNK,HEAP\n");
				return 2;
			}
		}
		else {
			fprintf(stderr, "unknown option %s\n", argv[i]);
			return 2;
		}
	}
	if (i >= argc) {
		fprintf(stderr,
			"lintel-xs --map MAP [--preload MODULE]... [--device CHUNK,HEAP,STACK] [--stack SLOTS]"
			" [--firmware CHUNK,HEAP] [--bus DOWN,UP] MODULE [ARGUMENT...]\n");
		return 2;
	}
	hostArgumentCount = argc - i - 1;
	hostArguments = argv + i + 1;

#if defined(__riscv)
	emulatedRandom();
#endif
	fxInitializeSharedCluster();
	the = fxCreateMachine(&ample, "lintel", NULL, XS_NO_ID);
	if (!the) {
		fprintf(stderr, "no machine\n");
		return 2;
	}
	install(the);
	if (preloadCount || chunk) {
		txCreation device = ample;
		txMachine* shared = the;
		int j;
		figuresBeforePreload(shared);
		for (j = 0; j < preloadCount; j++)
			importModule(shared, preloads[j]);
		freezeMachine(shared);
		figuresAfterPreload(shared);
		fxShareMachine(shared);
		flashMachine(shared);
		if (stack)
			device.stackCount = stack;
		if (chunk) {
			device.initialChunkSize = chunk;
			device.incrementalChunkSize = 0;
			device.initialHeapCount = heap;
			device.incrementalHeapCount = 0;
			device.initialKeyCount = 64;
			device.incrementalKeyCount = 0;
		}
		if (firmwareHeap) {
			/* Collections are many, and each walks all of the heap. */
			device.initialHeapCount = 48 * 1024;
			device.incrementalHeapCount = 16 * 1024;
		}
		device.nameModulo = shared->nameModulo;
		device.symbolModulo = shared->symbolModulo;
		the = fxCloneMachine(&device, shared, "device", NULL);
		if (!the) {
			fprintf(stderr, "no machine of that size\n");
			return 2;
		}
		sealed = chunk != 0;
	}
	figuresPaintStack(the);
	if (firmwareHeap)
		firmwareHeapLimit(the, firmwareChunk, firmwareHeap);
	importModule(the, argv[i]);
	if (busIsOpen())
		busRun(the);
	loop(the);
	fflush(stdout);
	return 0;
}
