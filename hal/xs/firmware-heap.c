// SPDX-License-Identifier: Apache-2.0
/*
 * A device's heap for the firmware, in a machine that it shares with specs, their libraries and a simulated world.
 *
 * What is allocated belongs to the code that runs: to the firmware where that is the code of a preloaded module, or of a
 * closure that such code made, and to the specs otherwise. Built-ins allocate for their caller; one that is called in tail
 * position, for its caller's caller. Where the firmware has as much as a device, garbage is collected; where as much is
 * still alive, the machine is out of memory. What the machine has before its first module is the firmware's, too. Code of
 * closures is not counted: a device runs it in flash.
 *
 * The linker puts these functions in place of the engine's (`--wrap`, tools/xs/build.ts), on the host alone: on rv32 the
 * firmware has a machine of its own.
 */
#include "host.h"

#if defined(__linux__)

/* Whose a slot or a chunk is, or was last. */
enum { SPECS, FIRMWARE, CODE_OF_FIRMWARE };

typedef struct Heap {
	struct Heap* next;
	const txSlot* first;
	txSize count;
	txByte owners[];
} Heap;

static txMachine* limited;
static Heap* heaps;
static txSize slots, slotLimit;
/* Of chunks. */
static txSize bytes, byteLimit;

static Heap* newHeap(txMachine* the, const txSlot* slot)
{
	txSlot* found = the->firstHeap;
	txSize count;
	Heap* heap;
	while (slot <= found || found->value.reference <= slot)
		found = found->next;
	count = (txSize)(found->value.reference - found - 1);
	heap = calloc(1, sizeof(Heap) + count);
	heap->first = found + 1;
	heap->count = count;
	heap->next = heaps;
	heaps = heap;
	return heap;
}

static txByte* ownerOf(txMachine* the, const txSlot* slot)
{
	Heap* heap = heaps;
	while (heap && (slot < heap->first || heap->first + heap->count <= slot))
		heap = heap->next;
	if (!heap)
		heap = newHeap(the, slot);
	return heap->owners + (slot - heap->first);
}

static txChunk* chunkOf(void* data)
{
	return (txChunk*)((txByte*)data - sizeof(txChunk));
}

static txSize capacityOf(const txChunk* chunk)
{
	return (txSize)(chunk->temporary - (txByte*)chunk);
}

static void countSlots(txMachine* the)
{
	txSlot* slot;
	Heap* heap;
	txSize i;
	for (slot = the->freeHeap; slot; slot = slot->next)
		*ownerOf(the, slot) = SPECS;
	slots = 0;
	for (heap = heaps; heap; heap = heap->next)
		for (i = 0; i < heap->count; i++)
			slots += heap->owners[i];
}

static void countBytes(txMachine* the)
{
	txBlock* block;
	txByte* at;
	bytes = 0;
	for (block = the->firstBlock; block; block = block->nextBlock)
		for (at = (txByte*)(block + 1); at < block->current; at = ((txChunk*)at)->temporary)
			if (((txChunk*)at)->dummy == FIRMWARE)
				bytes += capacityOf((txChunk*)at);
}

void firmwareHeapLimit(txMachine* the, txSize chunk, txSize heap)
{
	txSlot* block;
	limited = the;
	byteLimit = chunk;
	slotLimit = heap;
	for (block = the->firstHeap; block; block = block->next) {
		Heap* added = newHeap(the, block + 1);
		memset(added->owners, FIRMWARE, added->count);
	}
	countSlots(the);
}

static int isPreloaded(const txByte* code)
{
	txBlock* block = limited->sharedMachine->firstBlock;
	while (block && (code < (txByte*)block || block->limit <= code))
		block = block->nextBlock;
	return block != NULL;
}

/* Whose the innermost function is that is not native. */
static int running(txMachine* the)
{
	txSlot* frame = the->frame;
	txSlot* code;
	while (frame && (frame->flag & XS_C_FLAG))
		frame = frame->next;
	if (!frame)
		return SPECS;
	code = mxFunctionInstanceCode((frame + 3)->value.reference);
	if (code->kind == XS_CODE_X_KIND)
		return isPreloaded(code->value.code.address) ? FIRMWARE : SPECS;
	return chunkOf(code->value.code.address)->dummy == SPECS ? SPECS : FIRMWARE;
}

/* Whether the running function makes a closure, whose code it copies out of its own, after the operand that is its size. */
static int isCode(txMachine* the, txSize size)
{
	const txByte* code = the->code;
	txS2 size2;
	txS4 size4;
	if (the->frame->flag & XS_C_FLAG)
		return 0;
	memcpy(&size2, code - sizeof(size2), sizeof(size2));
	memcpy(&size4, code - sizeof(size4), sizeof(size4));
	return ((txU1)code[-2] == XS_CODE_CODE_1 && code[-1] == size) || ((txU1)code[-3] == XS_CODE_CODE_2 && size2 == size)
		|| ((txU1)code[-5] == XS_CODE_CODE_4 && size4 == size);
}

static void outOfMemory(txMachine* the, const char* what, txSize asked)
{
	fprintf(stderr, "the firmware has %d of %d slots and %d of %d bytes of chunks, and needs %d %s more\n", slots, slotLimit,
		bytes, byteLimit, asked, what);
	fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
}

void fxCollect(txMachine* the, txFlag flag);
txSlot* __real_fxNewSlot(txMachine* the);
void* __real_fxNewChunk(txMachine* the, txSize size);
void* __real_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
void* __real_fxRenewChunk(txMachine* the, void* data, txSize size);

/* Nothing is collected while the engine forbids it; chunks move only where a chunk is asked for. */
static int mayCollect(txMachine* the)
{
	return the->collectFlag & XS_COLLECTING_FLAG;
}

txSlot* __wrap_fxNewSlot(txMachine* the)
{
	int owner;
	txSlot* slot;
	txByte* before;
	if (the != limited)
		return __real_fxNewSlot(the);
	owner = running(the);
	if (owner == FIRMWARE && slots >= slotLimit && mayCollect(the)) {
		fxCollect(the, XS_ORGANIC_FLAG);
		countSlots(the);
		if (slots >= slotLimit)
			outOfMemory(the, "slots", 1);
	}
	slot = __real_fxNewSlot(the);
	before = ownerOf(the, slot);
	slots += owner - *before;
	*before = (txByte)owner;
	return slot;
}

static int hasRoom(txSize size)
{
	return (int64_t)bytes + size + (txSize)sizeof(txChunk) <= byteLimit;
}

/* Whose a chunk will be, for which there is room. */
static int ownerOfChunk(txMachine* the, txSize size)
{
	if (running(the) == SPECS)
		return SPECS;
	if (isCode(the, size))
		return CODE_OF_FIRMWARE;
	if (!hasRoom(size) && mayCollect(the)) {
		fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
		countSlots(the);
		countBytes(the);
		if (!hasRoom(size))
			outOfMemory(the, "bytes", size);
	}
	return FIRMWARE;
}

static void* owned(void* data, int owner)
{
	chunkOf(data)->dummy = owner;
	if (owner == FIRMWARE)
		bytes += capacityOf(chunkOf(data));
	return data;
}

void* __wrap_fxNewChunk(txMachine* the, txSize size)
{
	int owner;
	if (the != limited)
		return __real_fxNewChunk(the, size);
	owner = ownerOfChunk(the, size);
	return owned(__real_fxNewChunk(the, size), owner);
}

void* __wrap_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity)
{
	int owner;
	if (the != limited)
		return __real_fxNewGrowableChunk(the, size, capacity);
	owner = ownerOfChunk(the, size);
	/* Where memory is short the engine gives no more than was asked for. */
	if (owner == FIRMWARE && !hasRoom(capacity))
		capacity = size;
	return owned(__real_fxNewGrowableChunk(the, size, capacity), owner);
}

void* __wrap_fxRenewChunk(txMachine* the, void* data, txSize size)
{
	txChunk* chunk = chunkOf(data);
	txSize before = capacityOf(chunk);
	int counted = the == limited && chunk->dummy == FIRMWARE;
	/* It would not fit where it is; the engine asks for another. */
	if (counted && !hasRoom(size - before))
		return NULL;
	data = __real_fxRenewChunk(the, data, size);
	if (data && counted)
		bytes += capacityOf(chunk) - before;
	return data;
}

#else

void firmwareHeapLimit(txMachine* the, txSize chunk, txSize heap)
{
	fprintf(stderr, "--firmware is for the host\n");
	exit(2);
}

#endif
