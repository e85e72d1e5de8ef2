# Stands before ROS' own file of this name: leaves out the C++ side of the interface packages. No
# Python program uses it, and it takes as long to build as all the rest.
set(rosidl_default_generators_DIR $ENV{AMENT_PREFIX_PATH}/share/rosidl_default_generators/cmake)
include(${rosidl_default_generators_DIR}/rosidl_default_generatorsConfig.cmake)
list(FILTER AMENT_EXTENSIONS_rosidl_generate_idl_interfaces EXCLUDE REGEX "_cpp:")
