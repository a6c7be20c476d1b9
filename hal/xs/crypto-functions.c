/*
 * Puts the functions of hal/native/crypto.c on `host`, under the names that hal/xs/binding.js hands on. In the SDK
 * hal/native/binding.js does the same by the engine's own syntax.
 */
#include "host.h"

#if LINTEL_NO_PSA
	#define PSA_FUNCTIONS(F)
#else
	#define PSA_FUNCTIONS(F) \
		F(p256Public, 2) F(p256SharedSecret, 3) F(p256Sign, 3) F(p256Verify, 3) F(aesCcmSeal, 6) F(aesCcmOpen, 6)
#endif

#define FUNCTIONS(F) \
	F(byteLength, 1) F(sha256, 2) F(hashSize, 0) F(hashBegin, 1) F(hashUpdate, 2) F(hashEnd, 2) F(hmacSha256, 3) \
	F(ed25519KeyPair, 3) F(ed25519Sign, 3) F(ed25519Verify, 3) F(x25519Public, 2) F(x25519, 3) \
	F(chacha20Poly1305Seal, 5) F(chacha20Poly1305Open, 5) F(random, 1) F(equal, 2) F(wipe, 1) PSA_FUNCTIONS(F)

#define DECLARE(NAME, LENGTH) extern void xs_lintel_##NAME(txMachine* the);
FUNCTIONS(DECLARE)

#define INSTALL(NAME, LENGTH) hostFunction(the, host, #NAME, xs_lintel_##NAME, LENGTH);

void lintelCryptoInstall(txMachine* the, txSlot* host)
{
	FUNCTIONS(INSTALL)
}
