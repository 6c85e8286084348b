// What we call of OpenVINO's C interface (2026.4), found at run time: Pictor builds and starts without the library.
// The prototypes are ours, after openvino/c/*.h; names and meanings are OpenVINO's.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct openvino_core openvino_core;
typedef struct openvino_model openvino_model;
typedef struct openvino_port openvino_port;
typedef struct openvino_request openvino_request;
typedef struct openvino_tensor openvino_tensor;

typedef struct {
    int64_t rank;
    int64_t *dimensions;
} openvino_shape;

typedef struct {
    const char *key;
    const char *value;
} openvino_property;

/// Of ov_element_type_e.
typedef enum { openvino_f32 = 4, openvino_i64 = 10 } openvino_element;

/// Every function that gives an int32_t gives a status, 0 when all is well. Texts that it makes are freed with `free`.
typedef struct {
    int32_t (*core_create)(openvino_core **);
    int32_t (*core_add_extension)(const openvino_core *, const char *path);
    int32_t (*core_get_property)(const openvino_core *, const char *device, const char *key, char **value);
    int32_t (*core_compile_model_from_file_props)(
        const openvino_core *, const char *path, const char *device, size_t count, const openvino_property *,
        openvino_model **);
    int32_t (*compiled_model_inputs_size)(const openvino_model *, size_t *);
    int32_t (*compiled_model_input_by_index)(const openvino_model *, size_t, openvino_port **);
    int32_t (*compiled_model_outputs_size)(const openvino_model *, size_t *);
    int32_t (*compiled_model_output_by_index)(const openvino_model *, size_t, openvino_port **);
    int32_t (*compiled_model_get_property)(const openvino_model *, const char *key, char **value);
    int32_t (*compiled_model_create_infer_request)(const openvino_model *, openvino_request **);
    int32_t (*port_get_any_name)(const openvino_port *, char **name);
    int32_t (*port_get_element_type)(const openvino_port *, int32_t *);
    int32_t (*infer_request_set_tensor)(openvino_request *, const char *name, const openvino_tensor *);
    int32_t (*infer_request_set_input_tensor_by_index)(openvino_request *, size_t, const openvino_tensor *);
    int32_t (*infer_request_get_tensor)(const openvino_request *, const char *name, openvino_tensor **);
    int32_t (*infer_request_get_output_tensor_by_index)(const openvino_request *, size_t, openvino_tensor **);
    int32_t (*infer_request_infer)(openvino_request *);
    int32_t (*tensor_create_from_host_ptr)(int32_t type, openvino_shape, void *, openvino_tensor **);
    int32_t (*tensor_create_from_string_array)(const char **, size_t count, openvino_shape, openvino_tensor **);
    int32_t (*tensor_data)(const openvino_tensor *, void **);
    int32_t (*tensor_get_shape)(const openvino_tensor *, openvino_shape *);
    int32_t (*tensor_get_element_type)(const openvino_tensor *, int32_t *);
    int32_t (*shape_free)(openvino_shape *);
    /// The text of the calling thread's last error; it stays the library's.
    const char *(*get_last_err_msg)(void);
    void (*core_free)(openvino_core *);
    void (*compiled_model_free)(openvino_model *);
    void (*infer_request_free)(openvino_request *);
    void (*output_const_port_free)(openvino_port *);
    void (*tensor_free)(openvino_tensor *);
    void (*free)(const char *);
} openvino_functions;

/// Opens libopenvino_c.so at `path` and fills the table. The library stays open until the process ends.
///
/// Returns NULL when all functions are there, else what is missing, as text that belongs to the loader.
const char *openvino_open(const char *path, openvino_functions *functions);
