// SPDX-License-Identifier: Apache-2.0
/*
 * What the SDK's linker does to the objects of a shared machine before it writes them into flash (fxFreezeBuiltIns and
 * fxPrepareHeap of xsl 8.2.3): built-ins, functions, prototypes of constructors and whatever has no alias there become
 * read-only. Every other object stays writable, as an alias, unless Object.freeze was called on it.
 */
#include "host.h"

static void freezeInstance(txSlot* instance)
{
	txSlot* property;
	for (property = instance->next; property; property = property->next) {
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static void freezeReference(txSlot* slot)
{
	if (slot && slot->kind == XS_REFERENCE_KIND)
		freezeInstance(slot->value.reference);
}

static txSlot* named(txSlot* instance, txID id)
{
	txSlot* property = instance->next;
	while (property && (property->ID != id || (property->flag & XS_INTERNAL_FLAG)))
		property = property->next;
	return property;
}

/* The global object is no built-in here: each clone has its own. */
static void freezeBuiltIns(txMachine* the)
{
	int i;
	for (i = mxInstanceInspectorsStackIndex + 1; i < mxStackIndexCount; i++)
		if (i != mxHookInstanceIndex && i != mxCompartmentGlobalStackIndex)
			freezeReference(&the->stackPrototypes[-1 - i]);
	freezeReference(named(mxEnumeratorFunction.value.reference, mxID(_prototype)));
	freezeReference(named(mxArrayPrototype.value.reference, mxID(_Symbol_unscopables)));
}


/* Kinds of which a clone cannot have an alias. */
static int hasNoAlias(const txSlot* internal)
{
	switch (internal->kind) {
	case XS_MAP_KIND:
	case XS_SET_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_SET_KIND:
	case XS_WEAK_REF_KIND:
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_PROMISE_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
		return 1;
	case XS_CLOSURE_KIND:
		return internal->value.closure->kind == XS_FINALIZATION_REGISTRY_KIND;
	default:
		return internal->ID == XS_ENVIRONMENT_BEHAVIOR;
	}
}

static void freezeKind(txSlot* instance)
{
	txSlot* internal = instance->next;
	if (!internal || !(internal->flag & XS_INTERNAL_FLAG))
		return;
	if (mxIsFunction(instance)) {
		freezeInstance(instance);
		if (instance->flag & XS_CAN_CONSTRUCT_FLAG)
			freezeReference(named(instance, mxID(_prototype)));
	}
	else if (hasNoAlias(internal)) {
		freezeInstance(instance);
		if (internal->kind == XS_PROMISE_KIND)
			freezeReference(internal->next);
	}
}

static int isFrozen(const txSlot* property)
{
	return (property->flag & XS_DONT_DELETE_FLAG)
		&& (property->kind == XS_ACCESSOR_KIND || (property->flag & XS_DONT_SET_FLAG));
}

static int isFrozenInstance(txMachine* the, txSlot* instance)
{
	txSlot* property;
	if (!(instance->flag & XS_DONT_PATCH_FLAG))
		return 0;
	for (property = instance->next; property; property = property->next) {
		if (!(property->flag & XS_INTERNAL_FLAG)) {
			if (!isFrozen(property))
				return 0;
		}
		else if (property->kind == XS_ARRAY_KIND) {
			txIndex count = fxGetIndexSize(the, property);
			txIndex i;
			for (i = 0; i < count; i++)
				if (!isFrozen(&property->value.array.address[i]))
					return 0;
		}
	}
	return 1;
}

/* What has no alias is read-only in all of its parts: private fields and contents, too. */
static void petrify(txSlot* instance)
{
	txSlot* internal;
	for (internal = instance->next; internal && (internal->flag & XS_INTERNAL_FLAG); internal = internal->next) {
		internal->flag |= XS_DONT_SET_FLAG | XS_DONT_DELETE_FLAG;
		if (internal->kind == XS_PRIVATE_KIND) {
			txSlot* field;
			for (field = internal->value.private.first; field; field = field->next) {
				field->flag |= XS_DONT_DELETE_FLAG;
				if (field->kind != XS_ACCESSOR_KIND)
					field->flag |= XS_DONT_SET_FLAG;
			}
		}
	}
}

/* A binding to a function is a constant, whatever it was declared as. */
static void freezeBinding(txSlot* binding)
{
	if (binding->kind == XS_REFERENCE_KIND && mxIsFunction(binding->value.reference))
		binding->flag |= XS_DONT_SET_FLAG;
}

void freezeMachine(txMachine* shared)
{
	txSlot* heap;
	txSlot* slot;
	/* What is free would look alive. */
	fxCollectGarbage(shared);
	freezeBuiltIns(shared);
	for (heap = shared->firstHeap; heap; heap = heap->next)
		for (slot = heap + 1; slot < heap->value.reference; slot++)
			if (slot->kind == XS_INSTANCE_KIND)
				freezeKind(slot);
	for (heap = shared->firstHeap; heap; heap = heap->next)
		for (slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_INSTANCE_KIND && isFrozenInstance(shared, slot))
				petrify(slot);
			else if (slot->kind == XS_CLOSURE_KIND)
				freezeBinding(slot->value.closure);
		}
}
