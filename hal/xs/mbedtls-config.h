// SPDX-License-Identifier: Apache-2.0
/*
 * mbedTLS on the emulated microcontroller: PSA Crypto with P-256 (ECDSA, its deterministic form, and ECDH), AES-CCM and
 * SHA-256, in plain C. Its speed options are mbedTLS's own defaults. PSA wants HMAC_DRBG and CIPHER for these, and PK to
 * read a key.
 */
#ifndef LINTEL_MBEDTLS_CONFIG
#define LINTEL_MBEDTLS_CONFIG

#define MBEDTLS_PSA_CRYPTO_C
/* emulated.c gives it: there is no other source. */
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_PLATFORM_C

#define MBEDTLS_AES_C
#define MBEDTLS_CCM_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C

#include "mbedtls/check_config.h"
#endif
