// SPDX-License-Identifier: Apache-2.0
/*
 * The strike's relay under a lease. The interrupt of a general purpose timer ends the lease; it needs neither JavaScript nor flash
 * (CONFIG_GPTIMER_ISR_CACHE_SAFE), so that a hang or a long erase does not prolong it.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "driver/gpio.h"
#include "driver/gptimer.h"
#include "esp_attr.h"
#include "hal/gpio_ll.h"
#include "relay.h"

static gptimer_handle_t timer;
static volatile int on;
static gpio_num_t pin = GPIO_NUM_NC;
static uint32_t offLevel;

static bool IRAM_ATTR leaseEnds(gptimer_handle_t which, const gptimer_alarm_event_data_t* event, void* context)
{
	gpio_ll_set_level(&GPIO, pin, offLevel);
	on = 0;
	return false;
}

static void must(xsMachine* the, esp_err_t error, const char* what)
{
	if (error != ESP_OK) {
		if (pin != GPIO_NUM_NC)
			gpio_set_level(pin, offLevel);
		on = 0;
		xsUnknownError("relay: %s: %d", (char*)what, (int)error);
	}
}

void lintelRelayOff(void)
{
	if (pin == GPIO_NUM_NC)
		return;
	gpio_set_level(pin, offLevel);
	on = 0;
	if (timer)
		gptimer_stop(timer); /* an error where it does not run: nothing to stop */
}

void xs_lintel_relayOpen(xsMachine* the)
{
	gptimer_config_t config = { .clk_src = GPTIMER_CLK_SRC_DEFAULT, .direction = GPTIMER_COUNT_UP, .resolution_hz = 1000000 };
	gptimer_event_callbacks_t callbacks = { .on_alarm = leaseEnds };
	int number = xsmcToInteger(xsArg(0));
	if (timer)
		xsUnknownError("relay: open already");
	if (!GPIO_IS_VALID_OUTPUT_GPIO(number))
		xsRangeError("relay: GPIO %d is no output", number);
	offLevel = xsmcToInteger(xsArg(1)) ? 1 : 0;
	pin = (gpio_num_t)number;
	/* The level first, then the direction: no edge at the start. */
	gpio_set_level(pin, offLevel);
	must(the, gpio_set_direction(pin, GPIO_MODE_OUTPUT), "direction");
	must(the, gptimer_new_timer(&config, &timer), "timer");
	must(the, gptimer_register_event_callbacks(timer, &callbacks, NULL), "callback");
	must(the, gptimer_enable(timer), "enable");
}

void xs_lintel_relayHold(xsMachine* the)
{
	int ms = xsmcToInteger(xsArg(0));
	gptimer_alarm_config_t alarm = { .alarm_count = (uint64_t)ms * 1000 };
	if (!timer)
		xsUnknownError("relay: not open");
	if (ms < 1 || ms > 60000)
		xsRangeError("relay: a lease of %d ms", ms);
	gptimer_stop(timer); /* an error where it does not run */
	must(the, gptimer_set_raw_count(timer, 0), "count");
	must(the, gptimer_set_alarm_action(timer, &alarm), "alarm");
	/* The timer runs before the pin is on, so that the pin is never on without an end. */
	must(the, gptimer_start(timer), "start");
	on = 1;
	gpio_set_level(pin, !offLevel);
}

void xs_lintel_relayRelease(xsMachine* the)
{
	lintelRelayOff();
}

void xs_lintel_relayRead(xsMachine* the)
{
	xsmcSetInteger(xsResult, on);
}
