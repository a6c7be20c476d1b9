// SPDX-License-Identifier: Apache-2.0
/*
 * Puts the functions of hal/crypto/native on `host`, under the names that hal/xs/binding.js hands on. In the SDK
 * hal/crypto/native/binding.js does the same by the engine's own syntax.
 */
#include "host.h"

#define FUNCTIONS(F) \
	F(byteLength, 1) F(sha256, 2) F(hashSize, 0) F(hashBegin, 1) F(hashUpdate, 2) F(hashEnd, 2) F(hmacSha256, 3) \
	F(hkdfExpand, 3) F(ed25519KeyPair, 3) F(ed25519Sign, 3) F(ed25519Verify, 3) F(x25519Public, 2) F(x25519, 3) \
	F(chacha20Poly1305Seal, 5) F(chacha20Poly1305Open, 5) F(chacha20Poly1305SealIn, 6) \
	F(chacha20Poly1305OpenIn, 6) F(random, 1) F(xor, 2) F(equal, 2) F(wipe, 1) F(p256Public, 2) \
	F(p256SharedSecret, 3) F(p256Sign, 3) F(p256Verify, 3) F(aesCcmSeal, 6) F(aesCcmOpen, 6)

/* A world in another process lets its time go on for each call; instructions are counted where the processor does. */
typedef struct {
	const char* name;
	uint32_t calls;
	uint64_t instructions;
} Figure;

#define FIGURE(NAME, LENGTH) figure_##NAME,
enum { FUNCTIONS(FIGURE) FIGURE_COUNT };

#define NAMED(NAME, LENGTH) { #NAME, 0, 0 },
static Figure figures[] = { FUNCTIONS(NAMED) };

#define DEFINE(NAME, LENGTH) \
	extern void xs_lintel_##NAME(txMachine* the); \
	static void counted_##NAME(txMachine* the) \
	{ \
		uint64_t before; \
		busSpend(the, #NAME); \
		before = hostInstructions(); \
		xs_lintel_##NAME(the); \
		figures[figure_##NAME].instructions += hostInstructions() - before; \
		figures[figure_##NAME].calls++; \
	}
FUNCTIONS(DEFINE)

#define INSTALL(NAME, LENGTH) hostFunction(the, host, #NAME, counted_##NAME, LENGTH);

#if !defined(__riscv)
/* peripheral.c */
extern void xs_peripheral_p256Verify(txMachine* the);
#endif

void lintelCryptoInstall(txMachine* the, txSlot* host)
{
	FUNCTIONS(INSTALL)
#if !defined(__riscv)
	hostFunction(the, host, "peripheralP256Verify", xs_peripheral_p256Verify, 3);
#endif
}

int cryptoFigures(char* text, size_t size)
{
	int i;
	size_t length = 0;
	for (i = 0; i < FIGURE_COUNT; i++)
		length += snprintf(text + length, size - length, "%c{\"name\":\"%s\",\"calls\":%lu,\"instructions\":%.0f}",
			i ? ',' : '[', figures[i].name, (unsigned long)figures[i].calls, (double)figures[i].instructions);
	text[length++] = ']';
	return (int)length;
}
