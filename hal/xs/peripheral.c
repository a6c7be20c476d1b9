// SPDX-License-Identifier: Apache-2.0
/* p256.c as chips with an ECC peripheral have it, for the specs: its verification by PSA Crypto beside that by BearSSL. */
#if !defined(__riscv)

#define LINTEL_P256_PSA 1
#define xs_lintel_p256Public peripheral_p256Public
#define xs_lintel_p256SharedSecret peripheral_p256SharedSecret
#define xs_lintel_p256Sign peripheral_p256Sign
#define xs_lintel_p256Verify xs_peripheral_p256Verify
#include "../crypto/native/p256.c"

#endif
