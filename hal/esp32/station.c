// SPDX-License-Identifier: Apache-2.0
/* What the SDK's Wi-Fi station (modules/io/wifi/esp32) does not do, or not safely. */
#include "xsmc.h"
#include "xsHost.h"
#include "esp_event.h"
#include "esp_heap_caps.h"
#include "esp_wifi.h"

/*
 * Free heap that Wi-Fi needs to start, with the buffers of sdkconfig and a margin (docs/HARDWARE.md). With less, the SDK aborts
 * and the chip restarts, at every start.
 */
#define ROOM (52 * 1024)

void xs_lintel_wifiHasRoom(xsMachine* the)
{
	wifi_mode_t mode;
	xsmcSetBoolean(xsResult, esp_wifi_get_mode(&mode) == ESP_OK || heap_caps_get_free_size(MALLOC_CAP_8BIT) >= ROOM);
}

/* Of the last loss of a network, or of a join that failed: WIFI_REASON_... */
static volatile uint8_t reason;

static void noteReason(void* unused, esp_event_base_t base, int32_t id, void* event)
{
	if (id == WIFI_EVENT_STA_DISCONNECTED)
		reason = ((wifi_event_sta_disconnected_t*)event)->reason;
}

/*
 * Begins to note reasons with the first call, which has to come before the SDK's station opens: handlers are called in the order of
 * their registration, and the SDK's then tells the machine. It takes an event loop that is there for its own.
 */
void xs_lintel_wifiReason(xsMachine* the)
{
	static uint8_t noting;
	if (!noting) {
		esp_err_t loop = esp_event_loop_create_default();
		noting = (loop == ESP_OK || loop == ESP_ERR_INVALID_STATE)
			&& esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, noteReason, NULL) == ESP_OK;
	}
	xsmcSetInteger(xsResult, reason);
}

/*
 * Whether a string that the SDK made from received bytes is UTF-8 (RFC 3629, section 4). The engine reads past the terminating zero
 * of a string whose last character is cut, so JavaScript must not read the string before this check.
 */
void xs_lintel_isText(xsMachine* the)
{
	const unsigned char* p = (const unsigned char*)xsmcToString(xsArg(0));
	int good = 1;
	while (good && *p) {
		unsigned c = *p++;
		unsigned rest = 0, low = 0x80, high = 0xBF;
		if (c < 0x80)
			continue;
		if (c >= 0xC2 && c <= 0xDF)
			rest = 1;
		else if (c >= 0xE0 && c <= 0xEF) {
			rest = 2;
			if (c == 0xE0)
				low = 0xA0;
			if (c == 0xED)
				high = 0x9F;
		} else if (c >= 0xF0 && c <= 0xF4) {
			rest = 3;
			if (c == 0xF0)
				low = 0x90;
			if (c == 0xF4)
				high = 0x8F;
		} else
			good = 0;
		/* The zero at the end is below `low`. */
		for (; good && rest > 0; rest--, p++) {
			good = *p >= low && *p <= high;
			low = 0x80;
			high = 0xBF;
			if (!good)
				break;
		}
	}
	xsmcSetBoolean(xsResult, good);
}
