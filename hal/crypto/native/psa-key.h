// SPDX-License-Identifier: Apache-2.0
/* Keys of the PSA Crypto API, imported for one call. */
#pragma once
#include "arguments.h"
#include <psa/crypto.h>

static inline void beginPsa(xsMachine* the)
{
	if (psa_crypto_init() != PSA_SUCCESS)
		xsUnknownError("PSA Crypto does not start");
}

static inline int importKey(psa_key_type_t type, size_t bits, psa_key_usage_t usage, psa_algorithm_t algorithm, Bytes data,
	psa_key_id_t* key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, algorithm);
	return psa_import_key(&attributes, data.data, data.length, key) == PSA_SUCCESS;
}
