// SPDX-License-Identifier: Apache-2.0
#ifndef LINTEL_XS_HOST
#define LINTEL_XS_HOST

#include "xsAll.h"
#include "xsScript.h"

/* modules.c: names of modules to files, and loading them. */
int modulesReadMap(const char* path);
const char* modulesLookUp(const char* name);

/* alarms.c: what `hal/xs/clock.ts` stands on. */
void alarmsInstall(txMachine* the, txSlot* host);
/* Microseconds until the first alarm, -1 when none is set. */
int64_t alarmsNext(void);
void alarmsRun(txMachine* the);
uint64_t hostMicroseconds(void);

/* host.c: ends the process with an uncaught exception. */
void hostReport(txMachine* the) XS_FUNCTION_NORETURN;
void hostRunJobs(txMachine* the);

/* bus.c: the world in another process. */
int busOpen(const char* down, const char* up);
int busIsOpen(void);
void busInstall(txMachine* the, txSlot* host);
void busRun(txMachine* the) XS_FUNCTION_NORETURN;
/* Tells the world that the engine ends, and why. */
void busEnded(int status, const char* why);
/* Tells the world that this native work comes now. */
void busSpend(txMachine* the, const char* name);

/* frozen.c: makes read-only what is read-only in a device's flash. */
void freezeMachine(txMachine* shared);

/* flash.c: makes a shared machine as it is in a device's flash. */
void flashMachine(txMachine* shared);

/* firmware-heap.c: bounds what the firmware has in a machine that it shares, in bytes of chunks and slots. */
void firmwareHeapLimit(txMachine* the, txSize chunk, txSize heap);

/* figures.c: memory and instructions. */
void figuresPaintStack(txMachine* the);
void figuresResetPeaks(txMachine* the);
/* Bytes of stack that were ever used. */
txSize figuresStackPeak(txMachine* the);
void figuresInstall(txMachine* the, txSlot* host);
/* Around the preloads, the second after a collection. */
void figuresBeforePreload(txMachine* the);
void figuresAfterPreload(txMachine* the);

/* Instructions of the firmware, 0 where the processor does not count. */
uint64_t hostInstructions(void);

/* io.c: standard input and output as bytes, text files, the arguments. */
extern int hostArgumentCount;
extern char** hostArguments;
void ioInstall(txMachine* the, txSlot* host);

#if defined(__riscv)
/* emulated.c: gives libsodium a generator where there is none. */
void emulatedRandom(void);
#endif

/* Defines `name` on `host`. */
void hostFunction(txMachine* the, txSlot* host, const char* name, txCallback callback, int length);

/* crypto-functions.c */
void lintelCryptoInstall(txMachine* the, txSlot* host);
/* How often each function was called and its instructions, as a JSON array; the text's length. */
int cryptoFigures(char* text, size_t size);

#endif
