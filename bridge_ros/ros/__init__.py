"""All that knows ROS messages: conversions, QoS, parameters, the node base."""
