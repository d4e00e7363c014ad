package tiktokshop

// The fields that are left out because no decision turns on them, with why, by
// their path within a record. Whatever stands below one is left out with it.
// The lists are printed in the package's documentation.
const (
	personal  = "it is about a person"
	logistics = "how parcels travel"
	display   = "it is there to be shown"
	identity  = "the platform's own ids; the seller's stock number and the line id name the goods"
	part      = "a part of what stands elsewhere in the record"
	past      = "how a cancellation came about"
)

var orderIgnored = map[string]string{
	"auto_combine_group_id":                  logistics,
	"buyer_email":                            personal,
	"buyer_message":                          personal,
	"buyer_nickname":                         personal,
	"cancel_reason":                          past,
	"cancel_time":                            past,
	"cancellation_initiator":                 past,
	"cpf":                                    personal,
	"cpf_name":                               personal,
	"delivery_option_id":                     logistics,
	"delivery_option_name":                   logistics,
	"delivery_option_required_delivery_time": logistics,
	"delivery_type":                          logistics,
	"handling_duration":                      logistics,
	"has_updated_recipient_address":          logistics,
	"need_upload_invoice":                    display,
	"payment_auth_code":                      personal,
	"payment_card_type":                      part,
	"payment_method_code":                    part,
	"pick_up_cut_off_time":                   logistics,
	"recipient_address":                      personal,
	"request_cancel_time":                    past,
	"seller_note":                            display,
	"shipping_provider":                      logistics,
	"shipping_provider_id":                   logistics,
	"split_or_combine_tag":                   logistics,
	"tracking_number":                        logistics,
	"update_time":                            display,
	"warehouse_id":                           logistics,
	"line_items[].buyer_service_fee":         part,
	"line_items[].cancel_reason":             past,
	"line_items[].cancel_user":               past,
	"line_items[].combined_listing_skus":     identity,
	"line_items[].handling_duration_days":    logistics,
	"line_items[].handling_duration_type":    logistics,
	"line_items[].item_tax[].tax_type":       display,
	"line_items[].package_status":            part,
	"line_items[].product_id":                identity,
	"line_items[].retail_delivery_fee":       part,
	"line_items[].shipping_provider_id":      logistics,
	"line_items[].shipping_provider_name":    logistics,
	"line_items[].sku_image":                 display,
	"line_items[].sku_name":                  display,
	"line_items[].small_order_fee":           part,
	"line_items[].tracking_number":           logistics,
	"line_items[].warehouse_id":              logistics,
}

var returnIgnored = map[string]string{
	"cancel_line_items[].cancel_line_item_id": identity,
	"cancel_line_items[].product_image":       display,
	"cancel_line_items[].product_name":        display,
	"cancel_line_items[].seller_sku":          identity,
	"cancel_line_items[].sku_id":              identity,
	"cancel_line_items[].sku_name":            display,
	"cancel_reason_text":                      display,
	"cancel_type":                             part,
	"discount_amount":                         part,
	"return_line_items[].product_image":       display,
	"return_line_items[].product_name":        display,
	"return_line_items[].return_line_item_id": identity,
	"return_line_items[].seller_sku":          identity,
	"return_line_items[].sku_id":              identity,
	"return_line_items[].sku_name":            display,
	"return_provider_id":                      logistics,
	"return_provider_name":                    logistics,
	"return_reason_text":                      display,
	"return_shipping_document_type":           logistics,
	"return_tracking_number":                  logistics,
	"return_warehouse_address":                logistics,
	"should_replenish_stock":                  logistics,
}

var evidenceIgnored = map[string]string{
	"create_time": display,
	"description": display,
	"event":       display,
	"images":      display,
	"note":        personal,
	"reason_text": display,
	"videos":      display,
}
