/* Not system.c: the SDK has an object of that name. What the SDK has no module for: monotonic time, why the chip started, the watchdog, signal strength. */
#include "xsmc.h"
#include "xsHost.h"
#include "esp_attr.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "sdkconfig.h"
#if CONFIG_BT_NIMBLE_ENABLED
	#include "host/ble_gap.h"
#endif

/* Survives a restart and no loss of power; the magic tells the two apart. */
#define MAGIC 0x4c494e54u
static RTC_NOINIT_ATTR uint32_t notedMagic;
static RTC_NOINIT_ATTR uint32_t notedCause;

void xs_lintel_milliseconds(xsMachine* the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)(esp_timer_get_time() / 1000));
}

void xs_lintel_restartCause(xsMachine* the)
{
	esp_reset_reason_t reason = esp_reset_reason();
	int result = (int)reason;
	if (reason == ESP_RST_SW && notedMagic == MAGIC && notedCause != 0)
		result = 0x100 + (int)notedCause;
	notedMagic = 0;
	xsmcSetInteger(xsResult, result);
}

void xs_lintel_note(xsMachine* the)
{
	notedCause = (uint32_t)xsmcToInteger(xsArg(0));
	notedMagic = MAGIC;
}

void xs_lintel_restart(xsMachine* the)
{
	esp_restart();
}

void xs_lintel_feed(xsMachine* the)
{
	/* ESP_ERR_NOT_FOUND where the task is not subscribed (debug builds): nothing to feed. */
	esp_task_wdt_reset();
}

#if CONFIG_BT_NIMBLE_ENABLED
static int firstConnection(uint16_t handle, void* found)
{
	*(int*)found = handle;
	return 1;
}
#endif

void xs_lintel_rssi(xsMachine* the)
{
	int8_t rssi = 127;
#if CONFIG_BT_NIMBLE_ENABLED
	int handle = -1;
	ble_gap_conn_foreach_handle(firstConnection, &handle);
	if (handle < 0 || ble_gap_conn_rssi((uint16_t)handle, &rssi) != 0)
		rssi = 127;
#endif
	xsmcSetInteger(xsResult, rssi);
}
