// SPDX-License-Identifier: Apache-2.0
/*
 * What the machine uses: slots, chunks, stack (by a pattern that use destroys), and instructions on rv32.
 */
#include "host.h"

#define PATTERN 0xA5
/* Bytes: more than any frame leaves unwritten. */
#define UNTOUCHED 512

void figuresPaintStack(txMachine* the)
{
	memset(the->stackBottom, PATTERN, (char*)(the->stack - 8) - (char*)the->stackBottom);
}

/*
 * Peak of the stack: from the top down to the first stretch that was not written. Not from the bottom up, where XS keeps scratch of
 * number conversion and regular expressions (xsdtoa.c, xsre.c): one printed number would count as the whole stack.
 */
txSize figuresStackPeak(txMachine* the)
{
	unsigned char* bottom = (unsigned char*)the->stackBottom;
	unsigned char* top = (unsigned char*)the->stackTop;
	unsigned char* at = top;
	txSize untouched = 0;
	while (at > bottom && untouched < UNTOUCHED)
		untouched = *--at == PATTERN ? untouched + 1 : 0;
	return (txSize)(top - at - untouched);
}

/* Starts the measurement of peaks anew. */
void figuresResetPeaks(txMachine* the)
{
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	figuresPaintStack(the);
}

/* Bytes that the preloaded modules take; 0 where there are none. */
static txSize preloaded;

static int hasProperty(txSlot* instance, txID id)
{
	txSlot* property;
	for (property = instance->next; property; property = property->next)
		if (property->ID == id && !(property->flag & XS_INTERNAL_FLAG))
			return 1;
	return 0;
}

/*
 * Bytes of a machine's slots and chunks after a collection, as the SDK's linker writes them: it strips `length` and `name` of
 * functions.
 */
static txSize inFlash(txMachine* the)
{
	txSlot* heap;
	txSlot* slot;
	txSize slots = (txSize)the->currentHeapCount;
	for (heap = the->firstHeap; heap; heap = heap->next)
		for (slot = heap + 1; slot < heap->value.reference; slot++)
			if (slot->kind == XS_INSTANCE_KIND && mxIsFunction(slot))
				slots -= hasProperty(slot, mxID(_length)) + hasProperty(slot, mxID(_name));
	return slots * (txSize)sizeof(txSlot) + the->currentChunksSize;
}

void figuresBeforePreload(txMachine* the)
{
	fxCollectGarbage(the);
	preloaded = -inFlash(the);
}

void figuresAfterPreload(txMachine* the)
{
	preloaded += inFlash(the);
}

static void put(txMachine* the, txSlot* into, const char* name, txNumber value)
{
	mxPushNumber(value);
	mxPushSlot(into);
	fxSetID(the, fxID(the, (txString)name));
	mxPop();
}

static void host_memory(txMachine* the)
{
	txNumber slots = (txNumber)the->currentHeapCount * sizeof(txSlot);
	txNumber slotsPeak = (txNumber)the->peakHeapCount * sizeof(txSlot);
	txNumber chunks = the->currentChunksSize;
	txNumber chunksPeak = the->peakChunksSize;
	mxPush(mxObjectPrototype);
	fxNewObjectInstance(the);
	mxPullSlot(mxResult);
	put(the, mxResult, "slots", slots);
	put(the, mxResult, "slotsPeak", slotsPeak);
	put(the, mxResult, "slotsReserved", (txNumber)the->maximumHeapCount * sizeof(txSlot));
	put(the, mxResult, "chunks", chunks);
	put(the, mxResult, "chunksPeak", chunksPeak);
	put(the, mxResult, "chunksReserved", the->maximumChunksSize);
	put(the, mxResult, "stackPeak", figuresStackPeak(the));
	put(the, mxResult, "stackReserved", (txNumber)(the->stackTop - the->stackBottom) * sizeof(txSlot));
	put(the, mxResult, "tables",
		(txNumber)((the->aliasCount + the->keyCount - the->keyOffset + the->nameModulo + the->symbolModulo) * sizeof(void*)));
	put(the, mxResult, "slotSize", sizeof(txSlot));
	put(the, mxResult, "preloaded", preloaded);
}

static void host_collect(txMachine* the)
{
	fxCollectGarbage(the);
}

static void host_resetPeaks(txMachine* the)
{
	figuresResetPeaks(the);
}

uint64_t hostInstructions(void)
{
#if defined(__riscv)
	uint32_t high, low, again;
	do {
		__asm__ volatile("rdinstreth %0" : "=r"(high));
		__asm__ volatile("rdinstret %0" : "=r"(low));
		__asm__ volatile("rdinstreth %0" : "=r"(again));
	} while (high != again);
	return ((uint64_t)high << 32) | low;
#else
	return 0;
#endif
}

static void host_instructions(txMachine* the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (txNumber)hostInstructions();
}

void figuresInstall(txMachine* the, txSlot* host)
{
	hostFunction(the, host, "memory", host_memory, 0);
	hostFunction(the, host, "collect", host_collect, 0);
	hostFunction(the, host, "resetPeaks", host_resetPeaks, 0);
	hostFunction(the, host, "instructions", host_instructions, 0);
}
