// SPDX-License-Identifier: Apache-2.0
/*
 * Of ESP-IDF 6.0 and the SDK as much as hal/esp32's C needs to compile, where neither is installed: sizes of it, no program.
 * `npm run build:esp32` compiles it against the headers themselves.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_BT_ENABLED 1
#define CONFIG_BT_NIMBLE_ENABLED 1
#define IRAM_ATTR
#define RTC_NOINIT_ATTR __attribute__((section(".rtc_noinit")))
#define ESP_OK 0
#define ESP_RST_SW 3

typedef int esp_err_t;
typedef int esp_reset_reason_t;
esp_reset_reason_t esp_reset_reason(void);
esp_err_t esp_register_shutdown_handler(void (*handler)(void));
void esp_restart(void);
int64_t esp_timer_get_time(void);
esp_err_t esp_task_wdt_reset(void);
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);
void esp_fill_random(void* into, size_t length);
void bootloader_random_enable(void);
void bootloader_random_disable(void);

typedef int wifi_mode_t;
esp_err_t esp_wifi_get_mode(wifi_mode_t* mode);
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_EVENT_ANY_ID (-1)
#define WIFI_EVENT_STA_DISCONNECTED 5
typedef const char* esp_event_base_t;
extern esp_event_base_t const WIFI_EVENT;
typedef struct { uint8_t ssid[32], ssid_len, bssid[6], reason; int8_t rssi; } wifi_event_sta_disconnected_t;
esp_err_t esp_event_loop_create_default(void);
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t id, void (*handler)(void*, esp_event_base_t, int32_t, void*), void* argument);
#define MALLOC_CAP_8BIT (1 << 2)
#define MALLOC_CAP_SPIRAM (1 << 10)
#define MALLOC_CAP_INTERNAL (1 << 11)
size_t heap_caps_get_free_size(uint32_t capabilities);
size_t heap_caps_get_largest_free_block(uint32_t capabilities);
size_t heap_caps_get_minimum_free_size(uint32_t capabilities);
uint32_t uxTaskGetStackHighWaterMark(void* task);
void esp_rom_delay_us(uint32_t us);
bool esp_flash_encryption_enabled(void);
typedef struct { uint32_t address, size; } esp_partition_t;
typedef struct { uint32_t offset, size; } esp_partition_pos_t;
typedef struct { uint32_t image_len; } esp_image_metadata_t;
const esp_partition_t* esp_ota_get_running_partition(void);
esp_err_t esp_image_get_metadata(const esp_partition_pos_t* place, esp_image_metadata_t* metadata);

typedef int gpio_num_t;
#define GPIO_NUM_NC (-1)
#define GPIO_MODE_OUTPUT 2
#define GPIO_IS_VALID_OUTPUT_GPIO(number) ((number) >= 0 && (number) < 34)
typedef struct { volatile uint32_t out_w1ts, out_w1tc; } gpio_dev_t;
extern gpio_dev_t GPIO;
static inline void gpio_ll_set_level(gpio_dev_t* gpio, gpio_num_t number, uint32_t level)
{
	if (level)
		gpio->out_w1ts = 1u << number;
	else
		gpio->out_w1tc = 1u << number;
}
esp_err_t gpio_set_level(gpio_num_t number, uint32_t level);
esp_err_t gpio_set_direction(gpio_num_t number, int mode);

typedef struct gptimer_t* gptimer_handle_t;
typedef struct { uint64_t count_value, alarm_value; } gptimer_alarm_event_data_t;
#define GPTIMER_CLK_SRC_DEFAULT 4
#define GPTIMER_COUNT_UP 1
typedef struct { int clk_src, direction; uint32_t resolution_hz; int intr_priority; uint32_t flags; } gptimer_config_t;
typedef struct {
	bool (*on_alarm)(gptimer_handle_t timer, const gptimer_alarm_event_data_t* event, void* context);
} gptimer_event_callbacks_t;
typedef struct { uint64_t alarm_count, reload_count; uint32_t flags; } gptimer_alarm_config_t;
esp_err_t gptimer_new_timer(const gptimer_config_t* config, gptimer_handle_t* timer);
esp_err_t gptimer_register_event_callbacks(gptimer_handle_t timer, const gptimer_event_callbacks_t* callbacks, void* context);
esp_err_t gptimer_enable(gptimer_handle_t timer);
esp_err_t gptimer_start(gptimer_handle_t timer);
esp_err_t gptimer_stop(gptimer_handle_t timer);
esp_err_t gptimer_set_raw_count(gptimer_handle_t timer, uint64_t count);
esp_err_t gptimer_set_alarm_action(gptimer_handle_t timer, const gptimer_alarm_config_t* alarm);

void vTaskDelay(uint32_t ticks);
typedef void (*modMessageDeliver)(void* the, void* refcon, uint8_t* message, uint16_t length);
int modMessagePostToMachine(void* the, uint8_t* message, uint16_t length, modMessageDeliver callback, void* refcon);

#define BLE_GAP_EVENT_CONNECT 0
#define BLE_GAP_EVENT_DISCONNECT 1
#define BLE_GAP_EVENT_MTU 15
#define BLE_GATT_REGISTER_OP_CHR 2
#define BLE_UUID_TYPE_128 128
#define BLE_ERR_REM_USER_CONN_TERM 0x13
struct ble_gatt_access_ctxt;
typedef int ble_gatt_access_fn(uint16_t connection, uint16_t attribute, struct ble_gatt_access_ctxt* context, void* argument);
struct ble_gatt_chr_def { const struct { uint8_t type; }* uuid; ble_gatt_access_fn* access_cb; };
struct ble_gatt_register_ctxt { uint8_t op; struct { const struct ble_gatt_chr_def* chr_def; } chr; };
typedef void ble_gatt_register_fn(struct ble_gatt_register_ctxt* context, void* argument);
extern struct { ble_gatt_register_fn* gatts_register_cb; } ble_hs_cfg;
struct ble_gap_event { uint8_t type; struct { int status; uint16_t conn_handle; } connect; };
typedef int ble_gap_event_fn(struct ble_gap_event* event, void* argument);
struct ble_gap_event_listener { ble_gap_event_fn* fn; void* arg; struct ble_gap_event_listener* next; };
struct ble_gap_conn_desc { struct { uint8_t type, val[6]; } peer_ota_addr; uint8_t rest[40]; };
struct ble_gap_upd_params {
	uint16_t itvl_min, itvl_max, latency, supervision_timeout, min_ce_len, max_ce_len;
};
int ble_gap_conn_find(uint16_t handle, struct ble_gap_conn_desc* description);
int ble_gap_event_listener_register(struct ble_gap_event_listener* listener, ble_gap_event_fn* event, void* argument);
int ble_gap_update_params(uint16_t handle, const struct ble_gap_upd_params* wish);
int ble_gap_adv_active(void);
int ble_gap_terminate(uint16_t handle, uint8_t reason);
int ble_gap_conn_rssi(uint16_t handle, int8_t* rssi);
int os_msys_num_free(void);
