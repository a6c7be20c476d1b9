/* What the SDK's GATT server (modules/io/ble/server/esp32) does not do, or not safely. */
#include "xsmc.h"
#include "xsHost.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#if CONFIG_BT_NIMBLE_ENABLED
	#include "host/ble_gap.h"
	#include "host/ble_hs.h"
	#include "os/os_mbuf.h"

/* How long the Bluetooth task waits for JavaScript to hear of a connection, ticks of 1 ms; the watchdog bites at 5 s. */
#define WAIT 4000
/* A notification of 514 bytes takes two or three buffers of the pool; some are left to what comes in. */
#define BUFFERS 6

/* Connections so far, and those that JavaScript has heard of: it hears once of each, in their order. */
static volatile unsigned connects, heard;
/* The handles of those between the two; far more than can come while one task computes. */
#define UNHEARD 64
static volatile uint16_t handles[UNHEARD];
static struct ble_gap_event_listener listener;

/*
 * At an MTU event the SDK's handler follows a pointer that is null until JavaScript has made an object of the connection,
 * which is late where it computes. Listeners come first: this one waits.
 */
static int onEvent(struct ble_gap_event* event, void* argument)
{
	int i;
	if (event->type == BLE_GAP_EVENT_CONNECT && event->connect.status == 0) {
		handles[connects % UNHEARD] = event->connect.conn_handle;
		connects++;
	} else if (event->type == BLE_GAP_EVENT_MTU)
		for (i = 0; i < WAIT && heard != connects; i++)
			vTaskDelay(1);
	return 0;
}
#endif

void xs_lintel_radioReady(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	ble_gap_event_listener_register(&listener, onEvent, NULL);
#endif
}

/*
 * The handle of the connection that JavaScript hears of. Asks the phone for an interval of 15 to 30 ms: each exchange takes two of them. Within Apple's rules (Accessory Design
 * Guidelines, 54.6): multiples of 15 ms, 15 ms apart, no latency, supervision 2 s. The phone decides.
 */
void xs_lintel_radioConnected(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	struct ble_gap_upd_params wish = { .itvl_min = 12, .itvl_max = 24, .latency = 0, .supervision_timeout = 200 };
	uint16_t handle = handles[heard % UNHEARD];
	heard++;
	ble_gap_update_params(handle, &wish);
	xsmcSetInteger(xsResult, handle);
#else
	xsmcSetInteger(xsResult, 0);
#endif
}

/* Not the SDK's close(): that frees the connection while the phone may still write to it, and the write ends the chip. */
void xs_lintel_radioDrop(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	ble_gap_terminate((uint16_t)xsmcToInteger(xsArg(0)), BLE_ERR_REM_USER_CONN_TERM);
#endif
}

/* Where NimBLE has no buffer the SDK's notify completes twice, the second time from memory that it has freed. */
void xs_lintel_radioHasRoom(xsMachine* the)
{
	int room = 0;
#if CONFIG_BT_NIMBLE_ENABLED
	room = os_msys_num_free() >= BUFFERS;
#endif
	xsmcSetBoolean(xsResult, room);
}

void xs_lintel_rssi(xsMachine* the)
{
	int8_t rssi = 127;
#if CONFIG_BT_NIMBLE_ENABLED
	if (ble_gap_conn_rssi((uint16_t)xsmcToInteger(xsArg(0)), &rssi) != 0)
		rssi = 127;
#endif
	xsmcSetInteger(xsResult, rssi);
}
