// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes on the emulated microcontroller, which has no source of them: the same in every run (xorshift32), so
 * that instruction counts repeat. Never on a device, never on a desktop; the firmware's own random comes from outside.
 */
#if defined(__riscv)

#include "host.h"
#include <psa/crypto.h>
#include <sodium/randombytes.h>

static uint32_t state = 0x4c494e54;

static const char* name(void)
{
	return "emulated";
}

static uint32_t next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void fill(void* const into, const size_t size)
{
	uint8_t* bytes = into;
	size_t i;
	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)next();
}

static randombytes_implementation implementation = { name, next, NULL, NULL, fill, NULL };

/* libsodium's core.c picks among implementations for processors that are not here; the portable ones are preset. */
int sodium_init(void)
{
	return 0;
}

void sodium_misuse(void)
{
	fprintf(stderr, "libsodium: misuse\n");
	exit(3);
}

/* mbedTLS blinds its points with these. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t* context, uint8_t* output,
	size_t size, size_t* length)
{
	fill(output, size);
	*length = size;
	return PSA_SUCCESS;
}

void emulatedRandom(void)
{
	randombytes_set_implementation(&implementation);
}

#endif
