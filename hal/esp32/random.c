// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes by fast key erasure: ChaCha20 under a key that each call replaces, so that what was given out cannot be computed
 * later. The chip's own generator is random only while a radio or the SAR ADC feeds it noise (ESP-IDF, Random Number
 * Generation). The ADC feeds it once, for the first key; after that the ADC belongs to the supervised inputs, whose readings
 * ESP-IDF's noise source would spoil. Each later call adds what the generator gives, which is noise again once a radio is on.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "bootloader_random.h"
#include "esp_random.h"
#include <sodium.h>
#include <string.h>

static uint8_t key[crypto_stream_chacha20_KEYBYTES];
/* Each key is used once. */
static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

/* To be called once, before the radios and the inputs begin. */
void xs_lintel_seedRandom(xsMachine* the)
{
	bootloader_random_enable();
	esp_fill_random(key, sizeof key);
	bootloader_random_disable();
}

void xs_lintel_chipRandom(xsMachine* the)
{
	void* into;
	xsUnsignedValue length;
	uint8_t fresh[sizeof key];
	unsigned i;
	xsmcGetBufferWritable(xsArg(0), &into, &length);
	esp_fill_random(fresh, sizeof fresh);
	for (i = 0; i < sizeof key; i++)
		key[i] ^= fresh[i];
	memset(into, 0, length);
	/* Blocks from 1 on are given out, half of block 0 is the next key. */
	crypto_stream_chacha20_xor_ic(into, into, length, nonce, 1, key);
	crypto_stream_chacha20(fresh, sizeof fresh, nonce, key);
	memcpy(key, fresh, sizeof key);
	sodium_memzero(fresh, sizeof fresh);
}
