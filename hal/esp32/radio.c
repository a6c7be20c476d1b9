// SPDX-License-Identifier: Apache-2.0
/* What the SDK's GATT server (modules/io/ble/server/esp32) does not do, or not safely. */
#include "xsmc.h"
#include "xsHost.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#if CONFIG_BT_NIMBLE_ENABLED
	#include "esp_system.h"
	#include "host/ble_gap.h"
	#include "host/ble_gatt.h"
	#include "host/ble_hs.h"
	#include "host/ble_uuid.h"
	#include "os/os_mbuf.h"
	#include "note.h"

/*
 * How long the Bluetooth task waits for JavaScript, ticks of 1 ms. The watchdog restarts the chip where JavaScript does not return
 * to its event loop within 5 s. Where it returned and has still not heard of the connection, the message was lost for want of
 * memory.
 */
#define WAIT 6000
/* Free buffers that a notification needs: one of 514 bytes takes two or three, the rest is for received data. */
#define BUFFERS 6
/* As NOTE_OUT_OF_MEMORY in restart-cause.ts. */
#define OUT_OF_MEMORY 2u

/* Connections and disconnections so far, and how many of them JavaScript has dealt with; it hears once of each, in order. */
static volatile unsigned connects, heard, ends, settled;
/* Entries for connections that JavaScript has not heard of yet: far more than can come meanwhile. */
#define UNHEARD 64
static volatile uint16_t handles[UNHEARD];
static volatile uint32_t peers[UNHEARD];
static struct ble_gap_event_listener listener;
/* The SDK's functions, which are called after those of this file. */
static ble_gatt_register_fn* sdkRegistered;
static ble_gatt_access_fn* sdkAccess;

/*
 * The SDK keeps a list of connections that only JavaScript's task writes, and reads it in the Bluetooth task without a lock. There
 * it finds a null pointer until JavaScript has made its object of the connection, which is late while it computes, or freed
 * memory while another entry is being removed. So the Bluetooth task waits here until JavaScript has dealt with all connections
 * and disconnections that it was told of. The task holds no lock while it waits, and nothing that JavaScript calls meanwhile
 * needs it: NimBLE receives the answers to commands in the controller's task (ble_hs_hci_rx_evt).
 */
static void waitForJavaScript(void)
{
	int i;
	for (i = 0; i < WAIT; i++) {
		if (heard == connects && settled == ends)
			return;
		vTaskDelay(1);
	}
	lintelNote(OUT_OF_MEMORY);
	esp_restart();
}

/* Called for every read and write of a value. */
static int onAccess(uint16_t connection, uint16_t attribute, struct ble_gatt_access_ctxt* context, void* argument)
{
	waitForJavaScript();
	return sdkAccess(connection, attribute, context, argument);
}

static void onRegistered(struct ble_gatt_register_ctxt* context, void* argument)
{
	if (context->op == BLE_GATT_REGISTER_OP_CHR) {
		/* The SDK's definitions are in RAM and share one function; the definitions of NimBLE's own services are constants. */
		struct ble_gatt_chr_def* ours = (struct ble_gatt_chr_def*)context->chr.chr_def;
		if (ours->uuid->type == BLE_UUID_TYPE_128 && ours->access_cb != onAccess) {
			sdkAccess = ours->access_cb;
			ours->access_cb = onAccess;
		}
	}
	if (sdkRegistered)
		sdkRegistered(context, argument);
}

/* NimBLE calls listeners before the SDK's handler. */
static int onEvent(struct ble_gap_event* event, void* argument)
{
	struct ble_gap_conn_desc description;
	if (event->type == BLE_GAP_EVENT_CONNECT && event->connect.status == 0) {
		unsigned i = connects % UNHEARD;
		const uint8_t* address = description.peer_ota_addr.val;
		handles[i] = event->connect.conn_handle;
		peers[i] = 0;
		if (ble_gap_conn_find(event->connect.conn_handle, &description) == 0)
			peers[i] = address[0] | address[1] << 8 | address[2] << 16 | (uint32_t)address[3] << 24;
		connects++;
	} else if (event->type == BLE_GAP_EVENT_DISCONNECT)
		ends++;
	else if (event->type == BLE_GAP_EVENT_MTU)
		waitForJavaScript();
	return 0;
}

static void onSettled(void* the, void* refcon, uint8_t* message, uint16_t length)
{
	settled++;
}
#endif

/* To be called once, after the SDK has made its server and before it registers the services in a later turn. */
void xs_lintel_radioOpened(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	sdkRegistered = ble_hs_cfg.gatts_register_cb;
	ble_hs_cfg.gatts_register_cb = onRegistered;
#endif
}

void xs_lintel_radioReady(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	ble_gap_event_listener_register(&listener, onEvent, NULL);
#endif
}

/* The address of the connection that JavaScript is being told of; 0 where there is none. */
void xs_lintel_radioPeer(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	xsmcSetInteger(xsResult, (int32_t)peers[heard % UNHEARD]);
#else
	xsmcSetInteger(xsResult, 0);
#endif
}

/* JavaScript has been told of a disconnection. The SDK removes its record at the end of this turn. */
void xs_lintel_radioGone(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	modMessagePostToMachine(the, NULL, 0, onSettled, NULL);
#endif
}

/*
 * The handle of the connection that JavaScript is being told of. Also asks the phone for an interval of 15 to 30 ms, since each
 * exchange takes two intervals. The wish keeps Apple's rules (Accessory Design Guidelines, 54.6): multiples of 15 ms, 15 ms
 * apart, no latency, supervision 2 s. The phone decides.
 */
void xs_lintel_radioConnected(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	struct ble_gap_upd_params wish = { .itvl_min = 12, .itvl_max = 24, .latency = 0, .supervision_timeout = 200 };
	uint16_t handle = handles[heard % UNHEARD];
	/* The SDK has its record of the connection in its list by now. */
	heard++;
	ble_gap_update_params(handle, &wish);
	xsmcSetInteger(xsResult, handle);
#else
	xsmcSetInteger(xsResult, 0);
#endif
}

/* Whether NimBLE advertises. A connection that fails to be established ends it, and the SDK tells JavaScript nothing of that. */
void xs_lintel_radioAdvertising(xsMachine* the)
{
	int active = 0;
#if CONFIG_BT_NIMBLE_ENABLED
	active = ble_gap_adv_active();
#endif
	xsmcSetBoolean(xsResult, active);
}

/* Ends a connection. The SDK's close() would free its record while the phone may still write, which crashes the chip. */
void xs_lintel_radioDrop(xsMachine* the)
{
#if CONFIG_BT_NIMBLE_ENABLED
	ble_gap_terminate((uint16_t)xsmcToInteger(xsArg(0)), BLE_ERR_REM_USER_CONN_TERM);
#endif
}

/* Whether a notification can be sent. Without a buffer the SDK's notify completes twice, the second time from freed memory. */
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
