// SPDX-License-Identifier: Apache-2.0
/*
 * What the SDK's linker does when it writes a shared machine into flash: chunks that slots of it refer to are marked as
 * not the collector's ("X" kinds). Without that the collector of a clone would relocate code and strings of the machine
 * that it was cloned from.
 */
#include "host.h"

static void intoFlash(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND:
		slot->kind = XS_STRING_X_KIND;
		break;
	case XS_BIGINT_KIND:
		slot->kind = XS_BIGINT_X_KIND;
		break;
	case XS_KEY_KIND:
		slot->kind = XS_KEY_X_KIND;
		break;
	case XS_CODE_KIND:
		slot->kind = XS_CODE_X_KIND;
		break;
	case XS_CALLBACK_KIND:
		slot->kind = XS_CALLBACK_X_KIND;
		break;
	}
}

void flashMachine(txMachine* shared)
{
	txSlot* heap;
	for (heap = shared->firstHeap; heap; heap = heap->next) {
		txSlot* slot;
		for (slot = heap + 1; slot < heap->value.reference; slot++) {
			intoFlash(slot);
			if (slot->kind == XS_ARRAY_KIND && slot->value.array.address) {
				txIndex count = fxGetIndexSize(shared, slot);
				txIndex i;
				for (i = 0; i < count; i++)
					intoFlash(&slot->value.array.address[i]);
			}
		}
	}
}
