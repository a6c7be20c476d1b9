// SPDX-License-Identifier: Apache-2.0
/*
 * The device key of a chip that has an HMAC peripheral (ESP32-S2, -S3, -C3, -C6): made from a key in the fuses that no
 * software can read. The plain ESP32 has none.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "soc/soc_caps.h"
#if SOC_HMAC_SUPPORTED
	#include "esp_efuse.h"
	#include "esp_hmac.h"
#endif

#define KEY_SIZE 32

void xs_lintel_deviceKey(xsMachine* the)
{
	int known = 0;
#if SOC_HMAC_SUPPORTED
	/* What is asked of the peripheral: another firmware's question gets another key. */
	static const char message[] = "lintel device key 1";
	void* into;
	xsUnsignedValue length;
	esp_efuse_block_t block;
	xsmcGetBufferWritable(xsArg(0), &into, &length);
	if (length != KEY_SIZE)
		xsRangeError("a device key has 32 bytes");
	if (esp_efuse_find_purpose(ESP_EFUSE_KEY_PURPOSE_HMAC_UP, &block))
		known = esp_hmac_calculate((hmac_key_id_t)(block - EFUSE_BLK_KEY0), message, sizeof(message) - 1, into) == ESP_OK;
#endif
	xsmcSetBoolean(xsResult, known);
}
