// SPDX-License-Identifier: Apache-2.0
/*
 * P-256 of the Crypto contract by BearSSL, whose arithmetic has no branch and no address that depends on a secret, and takes its
 * memory from the stack alone. Rules for arguments as in crypto.c.
 *
 * Where the chip has an ECC peripheral that mbedTLS drives, it verifies: all that goes in is public. Secret scalars stay with
 * BearSSL there too, since not every such peripheral multiplies in constant time (the ESP32-C6's does not).
 */
#include "arguments.h"
#include <bearssl.h>
#include <sodium.h>
#include <string.h>
#if __has_include("sdkconfig.h")
	#include "sdkconfig.h"
#endif
#if CONFIG_MBEDTLS_HARDWARE_ECC
	#define LINTEL_P256_PSA 1
#endif
#if LINTEL_P256_PSA
	#include "psa-key.h"
#endif

#define SCALAR 32
#define COMPRESSED 33
#define POINT 65
#define SIGNATURE 64

/* Big-endian, as all numbers here. */
static const uint8_t prime[SCALAR] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
static const uint8_t order[SCALAR] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};
static const uint8_t curveB[SCALAR] = {
	0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98, 0x86, 0xbc,
	0x65, 0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce, 0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b,
};
static const uint8_t three = 3;
/* (p + 1) / 4: the exponent of a square root. */
static const uint8_t root[SCALAR] = {
	0x3f, 0xff, 0xff, 0xff, 0xc0, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/* a -= b; what is borrowed. In constant time. */
static unsigned subtract(uint8_t* a, const uint8_t* b)
{
	unsigned difference = 0;
	int i;
	for (i = SCALAR - 1; i >= 0; i--) {
		difference = (unsigned)a[i] - b[i] - (difference >> 31);
		a[i] = (uint8_t)difference;
	}
	return difference >> 31;
}

/* a += b; what is carried. */
static unsigned add(uint8_t* a, const uint8_t* b)
{
	unsigned sum = 0;
	int i;
	for (i = SCALAR - 1; i >= 0; i--) {
		sum = (unsigned)a[i] + b[i] + (sum >> 8);
		a[i] = (uint8_t)sum;
	}
	return sum >> 8;
}

/* x = x^exponent mod p, as RSA does it with a public key; 0 when x is not below p. */
static int power(uint8_t* x, const uint8_t* exponent, size_t length)
{
	br_rsa_public_key key = { (unsigned char*)prime, SCALAR, (unsigned char*)exponent, length };
	return (int)br_rsa_i31_public(x, SCALAR, &key);
}

/*
 * The uncompressed point (SEC 1 2.3.4); 0 when there is none of this form or x. y = (x^3 - 3x + b)^((p+1)/4) mod p is no root
 * where x has none: as for a point that comes whole, whoever calculates with it checks that it is on the curve.
 */
static int uncompress(uint8_t point[POINT], Bytes given)
{
	uint8_t *x = point + 1, *y = point + COMPRESSED;
	int form = given.data[0], i;
	memcpy(point, given.data, given.length);
	point[0] = 4;
	if (given.length == POINT)
		return form == 4;
	memcpy(y, x, SCALAR);
	if ((form != 2 && form != 3) || !power(y, &three, 1))
		return 0;
	for (i = 0; i < 3; i++)
		if (subtract(y, x))
			add(y, prime);
	if (add(y, curveB) || memcmp(y, prime, SCALAR) >= 0)
		subtract(y, prime);
	power(y, root, SCALAR);
	if ((y[SCALAR - 1] & 1) != (form & 1)) {
		uint8_t positive[SCALAR];
		memcpy(positive, y, SCALAR);
		memcpy(y, prime, SCALAR);
		subtract(y, positive);
	}
	return 1;
}

/* An argument that is a point: 33 or 65 bytes. */
static Bytes pointIn(xsMachine* the, int index)
{
	Bytes point = IN(index, ANY);
	if (point.length != COMPRESSED && point.length != POINT)
		xsRangeError("a point has 65 or 33 bytes");
	return point;
}

/* Whether a secret is in 1..n-1, in constant time: BearSSL takes that for granted. */
static int inRange(const uint8_t* secret)
{
	uint8_t rest[SCALAR];
	unsigned below;
	memcpy(rest, secret, SCALAR);
	below = subtract(rest, order);
	sodium_memzero(rest, sizeof(rest));
	return (int)(below & (unsigned)!sodium_is_zero(secret, SCALAR));
}

/* What BearSSL leaves on the stack of a secret: more than its calls below take of it, none of which allocates otherwise. */
static __attribute__((noinline)) void wipeStack(void)
{
	uint8_t used[3072];
	sodium_memzero(used, sizeof(used));
}

/* (public 65, secret 32): false when the secret is not in 1..n-1. */
void xs_lintel_p256Public(xsMachine* the)
{
	Bytes public = OUT(0, POINT), secret = IN(1, SCALAR);
	int ok;
	APART(public, secret);
	ok = inRange(secret.data);
	if (ok)
		br_ec_p256_m31.mulgen(public.data, secret.data, SCALAR, BR_EC_secp256r1);
	wipeStack();
	xsmcSetBoolean(xsResult, ok);
}

/* (shared 32, secret 32, public 33 or 65): false when the point is not on the curve or the secret out of range. */
void xs_lintel_p256SharedSecret(xsMachine* the)
{
	Bytes shared = OUT(0, SCALAR), secret = IN(1, SCALAR), public = pointIn(the, 2);
	uint8_t point[POINT];
	int ok;
	APART(shared, secret);
	APART(shared, public);
	ok = uncompress(point, public) && inRange(secret.data)
		&& br_ec_p256_m31.mul(point, POINT, secret.data, SCALAR, BR_EC_secp256r1);
	if (ok)
		memcpy(shared.data, point + 1, SCALAR);
	sodium_memzero(point, sizeof(point));
	wipeStack();
	xsmcSetBoolean(xsResult, ok);
}

/*
 * (signature 64, message, secret 32): false when the secret is out of range. Deterministic by RFC 6979: a weak generator cannot
 * give a key away by signing.
 */
void xs_lintel_p256Sign(xsMachine* the)
{
	Bytes signature = OUT(0, SIGNATURE), message = IN(1, ANY), secret = IN(2, SCALAR);
	br_ec_private_key key = { BR_EC_secp256r1, secret.data, SCALAR };
	uint8_t hash[crypto_hash_sha256_BYTES];
	int ok;
	APART(signature, message);
	APART(signature, secret);
	crypto_hash_sha256(hash, message.data, message.length);
	ok = br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, hash, &key, signature.data) == SIGNATURE;
	wipeStack();
	xsmcSetBoolean(xsResult, ok);
}

#if LINTEL_P256_PSA

static int verify(xsMachine* the, uint8_t point[POINT], Bytes message, const uint8_t signature[SIGNATURE])
{
	psa_algorithm_t ecdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	Bytes public = { point, POINT };
	psa_key_id_t key;
	int ok = 0;
	beginPsa(the);
	if (importKey(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 256, PSA_KEY_USAGE_VERIFY_MESSAGE, ecdsa, public, &key)) {
		ok = psa_verify_message(key, ecdsa, message.data, message.length, signature, SIGNATURE) == PSA_SUCCESS;
		psa_destroy_key(key);
	}
	return ok;
}

#else

/* BearSSL refuses s = 0 and what is not below n, but leaves r = 0 to its formulas for points. */
static int verify(xsMachine* the, uint8_t point[POINT], Bytes message, const uint8_t signature[SIGNATURE])
{
	br_ec_public_key key = { BR_EC_secp256r1, point, POINT };
	uint8_t hash[crypto_hash_sha256_BYTES];
	if (sodium_is_zero(signature, SCALAR))
		return 0;
	crypto_hash_sha256(hash, message.data, message.length);
	return (int)br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, hash, sizeof(hash), &key, signature, SIGNATURE);
}

#endif

/* (signature 64, message, public 33 or 65) */
void xs_lintel_p256Verify(xsMachine* the)
{
	Bytes signature = IN(0, SIGNATURE), message = IN(1, ANY), public = pointIn(the, 2);
	uint8_t point[POINT];
	xsmcSetBoolean(xsResult, uncompress(point, public) && verify(the, point, message, signature.data));
}
