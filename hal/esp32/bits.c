// SPDX-License-Identifier: Apache-2.0
/*
 * `ReverseBits` and `SumBytes` of hal/contracts/io.ts: the PN532 sends the least significant bit first on SPI, and its frames have
 * checksums. One source for the ESP32 and for the host on the desktop (hal/xs).
 */
#include "xsmc.h"
#include "xsHost.h"

/* reverseBits(bytes, length) */
void xs_lintel_reverseBits(xsMachine* the)
{
	void* data;
	uint8_t* bytes;
	xsUnsignedValue room, i;
	xsIntegerValue length = xsmcToInteger(xsArg(1));
	xsmcGetBufferWritable(xsArg(0), &data, &room);
	if (length < 0 || (xsUnsignedValue)length > room)
		xsRangeError("reverseBits: %d bytes of %u", (int)length, (unsigned)room);
	bytes = data;
	for (i = 0; i < (xsUnsignedValue)length; i++) {
		uint32_t b = bytes[i];
		b = ((b >> 1) & 0x55) | ((b & 0x55) << 1);
		b = ((b >> 2) & 0x33) | ((b & 0x33) << 2);
		bytes[i] = (uint8_t)((b >> 4) | (b << 4));
	}
}

/* sumBytes(bytes, from, to) */
void xs_lintel_sumBytes(xsMachine* the)
{
	void* data;
	const uint8_t* bytes;
	xsUnsignedValue room;
	uint32_t sum = 0;
	xsIntegerValue i = xsmcToInteger(xsArg(1));
	xsIntegerValue to = xsmcToInteger(xsArg(2));
	xsmcGetBufferReadable(xsArg(0), &data, &room);
	if (i < 0 || to < i || (xsUnsignedValue)to > room)
		xsRangeError("sumBytes: %d to %d of %u", (int)i, (int)to, (unsigned)room);
	bytes = data;
	for (; i < to; i++)
		sum += bytes[i];
	xsmcSetInteger(xsResult, (xsIntegerValue)(sum & 0xFF));
}
