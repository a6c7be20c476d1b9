// SPDX-License-Identifier: Apache-2.0
/* The arguments of crypto.c's and p256.c's functions: an array of bytes, a DataView or an ArrayBuffer each, checked. */
#pragma once
#include "xsmc.h"
#include "xsHost.h"

typedef struct {
	uint8_t* data;
	xsUnsignedValue length;
} Bytes;

#define ANY ((xsUnsignedValue)-1)

static inline Bytes bytes(xsMachine* the, int index, xsUnsignedValue length, int writable)
{
	Bytes result;
	void* data;
	if (xsmcArgc <= index)
		xsTypeError("argument %d is missing", index);
	_xsmcGetBuffer(the, &xsArg(index), &data, &result.length, (xsBooleanValue)writable);
	if (length != ANY && result.length != length)
		xsRangeError("argument %d has %u bytes, not %u", index, (unsigned)result.length, (unsigned)length);
	result.data = data;
	return result;
}

#define IN(index, length) bytes(the, index, length, 0)
#define OUT(index, length) bytes(the, index, length, 1)

static inline void apart(xsMachine* the, Bytes written, Bytes other)
{
	uintptr_t a = (uintptr_t)written.data, b = (uintptr_t)other.data;
	if (written.length && other.length && a < b + other.length && b < a + written.length)
		xsRangeError("a result overlaps another argument");
}

#define APART(written, other) apart(the, written, other)
