#include "COpenVINO.h"
#include <dlfcn.h>

#define FIND(name)                                                  \
    if (!(*(void **)&functions->name = dlsym(library, "ov_" #name))) \
        return dlerror();

const char *openvino_open(const char *path, openvino_functions *functions) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
    FIND(core_create)
    FIND(core_add_extension)
    FIND(core_get_property)
    FIND(core_compile_model_from_file_props)
    FIND(compiled_model_inputs_size)
    FIND(compiled_model_input_by_index)
    FIND(compiled_model_outputs_size)
    FIND(compiled_model_output_by_index)
    FIND(compiled_model_get_property)
    FIND(compiled_model_create_infer_request)
    FIND(port_get_any_name)
    FIND(port_get_element_type)
    FIND(infer_request_set_tensor)
    FIND(infer_request_set_input_tensor_by_index)
    FIND(infer_request_get_tensor)
    FIND(infer_request_get_output_tensor_by_index)
    FIND(infer_request_infer)
    FIND(tensor_create_from_host_ptr)
    FIND(tensor_create_from_string_array)
    FIND(tensor_data)
    FIND(tensor_get_shape)
    FIND(tensor_get_element_type)
    FIND(shape_free)
    FIND(get_last_err_msg)
    FIND(core_free)
    FIND(compiled_model_free)
    FIND(infer_request_free)
    FIND(output_const_port_free)
    FIND(tensor_free)
    FIND(free)
    return NULL;
}
