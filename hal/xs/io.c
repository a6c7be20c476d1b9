// SPDX-License-Identifier: Apache-2.0
/*
 * The outside of the process: standard input and output as bytes, text files, arguments.
 */
#include "host.h"
extern txInteger _xsmcGetBuffer(txMachine* the, txSlot* slot, void** data, txUnsigned* count, txBoolean writable);

int hostArgumentCount;
char** hostArguments;

static void host_trace(txMachine* the)
{
	int i;
	for (i = 0; i < mxArgc; i++)
		fputs(fxToString(the, mxArgv(i)), stderr);
	fflush(stderr);
}

static void host_print(txMachine* the)
{
	int i;
	for (i = 0; i < mxArgc; i++)
		fputs(fxToString(the, mxArgv(i)), stdout);
	fputc('\n', stdout);
	fflush(stdout);
}

static void host_argument(txMachine* the)
{
	txInteger index = (mxArgc > 0) ? fxToInteger(the, mxArgv(0)) : 0;
	if (index >= 0 && index < hostArgumentCount)
		fxString(the, mxResult, hostArguments[index]);
}

/* The text of a file; undefined when it cannot be read. */
static void host_readText(txMachine* the)
{
	FILE* file;
	long size;
	if (mxArgc < 1)
		mxTypeError("no path");
	file = fopen(fxToString(the, mxArgv(0)), "rb");
	if (!file)
		return;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	/* A folder reports an impossible length. */
	if (size >= 0 && size < 0x7FFFFFFF) {
		txString text = fxNewChunk(the, (txSize)size + 1);
		mxResult->value.string = text;
		mxResult->kind = XS_STRING_KIND;
		size = (long)fread(text, 1, (size_t)size, file);
		text[size] = 0;
	}
	fclose(file);
}

/* Fills all of a buffer from standard input; false at its end. */
static void host_read(txMachine* the)
{
	void* data;
	txUnsigned count;
	if (mxArgc < 1)
		mxTypeError("no buffer");
	_xsmcGetBuffer(the, mxArgv(0), &data, &count, 1);
	mxResult->kind = XS_BOOLEAN_KIND;
	mxResult->value.boolean = fread(data, 1, count, stdin) == count;
}

static void host_write(txMachine* the)
{
	void* data;
	txUnsigned count;
	if (mxArgc < 1)
		mxTypeError("no buffer");
	_xsmcGetBuffer(the, mxArgv(0), &data, &count, 0);
	if (fwrite(data, 1, count, stdout) != count)
		mxUnknownError("standard output is closed");
	fflush(stdout);
}

/* Makes an ArrayBuffer read-only, as the SDK's linker makes those that are preloaded into flash (xslSlot.c). */
static void host_petrify(txMachine* the)
{
	txSlot* slot = (mxArgc > 0 && mxArgv(0)->kind == XS_REFERENCE_KIND) ? mxArgv(0)->value.reference->next : NULL;
	if (!slot || slot->kind != XS_ARRAY_BUFFER_KIND)
		mxTypeError("no ArrayBuffer");
	slot->flag |= XS_DONT_SET_FLAG;
}

static void host_exit(txMachine* the)
{
	int status = (mxArgc > 0) ? fxToInteger(the, mxArgv(0)) : 0;
	fflush(stdout);
	exit(status);
}

void ioInstall(txMachine* the, txSlot* host)
{
	hostFunction(the, host, "trace", host_trace, 1);
	hostFunction(the, host, "print", host_print, 1);
	hostFunction(the, host, "argument", host_argument, 1);
	hostFunction(the, host, "readText", host_readText, 1);
	hostFunction(the, host, "read", host_read, 1);
	hostFunction(the, host, "write", host_write, 1);
	hostFunction(the, host, "exit", host_exit, 1);
	hostFunction(the, host, "petrify", host_petrify, 1);
}
