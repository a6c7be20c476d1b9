// SPDX-License-Identifier: Apache-2.0
/* What the self-test asks of the chip: a firmware that stands still, free memory, and the running image. */
#include "xsmc.h"
#include "xsHost.h"
#include "app_update/include/esp_ota_ops.h"
#include "esp_flash_encrypt.h"
#include "esp_heap_caps.h"
#include "esp_image_format.h"
#include "esp_rom_sys.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"

#define INTERNAL (MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT)

/* Holds the processor for so many ms: neither JavaScript nor a task of its priority or less runs, interrupts do. */
void xs_lintel_stall(xsMachine* the)
{
	esp_rom_delay_us((uint32_t)xsmcToInteger(xsArg(0)) * 1000);
}

static uint32_t imageBytes(const esp_partition_t* partition)
{
	esp_partition_pos_t place = { .offset = partition->address, .size = partition->size };
	esp_image_metadata_t metadata = { 0 };
	return esp_image_get_metadata(&place, &metadata) == ESP_OK ? metadata.image_len : 0;
}

/* By the index of `FIGURES` in diagnostics.ts; secure boot as the image was built. */
void xs_lintel_figure(xsMachine* the)
{
	const esp_partition_t* running = esp_ota_get_running_partition();
	uint32_t figure = 0;
	switch (xsmcToInteger(xsArg(0))) {
		case 0: figure = heap_caps_get_free_size(INTERNAL); break;
		case 1: figure = heap_caps_get_largest_free_block(INTERNAL); break;
		case 2: figure = heap_caps_get_minimum_free_size(INTERNAL); break;
		case 3: figure = heap_caps_get_free_size(MALLOC_CAP_SPIRAM); break;
		case 4: figure = uxTaskGetStackHighWaterMark(NULL); break;
		case 5: figure = running ? imageBytes(running) : 0; break;
		case 6: figure = running ? running->size : 0; break;
		case 7: figure = esp_flash_encryption_enabled(); break;
#if CONFIG_SECURE_BOOT
		case 8: figure = 1; break;
#endif
	}
	xsmcSetNumber(xsResult, figure);
}
